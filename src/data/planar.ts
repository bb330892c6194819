/** Whether an image has one grey channel or red, green and blue. */
export type Channels = 1 | 3;

/**
 * Writes one image from interleaved [H, W, from] to planar [to, H, W] bytes. Grey is repeated for each colour;
 * colour becomes grey as ITU-R 601 luma in PIL's integer arithmetic, `Image.convert("L")`.
 */
export function writePlanar(interleaved: Uint8Array, from: Channels, to: Channels, planar: Uint8Array): void {
  const area = interleaved.length / from;
  // The usual one, in a loop of its own: photographs are waited for.
  if (from === 3 && to === 3) {
    const [green, blue] = [area, 2 * area];
    for (let pixel = 0, at = 0; pixel < area; pixel++, at += 3) {
      planar[pixel] = interleaved[at];
      planar[green + pixel] = interleaved[at + 1];
      planar[blue + pixel] = interleaved[at + 2];
    }
    return;
  }
  for (let pixel = 0; pixel < area; pixel++) {
    if (to === 1) {
      planar[pixel] = from === 1 ? interleaved[pixel] : luma(interleaved, 3 * pixel);
    } else {
      for (let channel = 0; channel < 3; channel++) {
        planar[channel * area + pixel] = interleaved[from === 1 ? pixel : 3 * pixel + channel];
      }
    }
  }
}

const luma = (rgb: Uint8Array, at: number): number =>
  (19595 * rgb[at] + 38470 * rgb[at + 1] + 7471 * rgb[at + 2] + 0x8000) >> 16;
