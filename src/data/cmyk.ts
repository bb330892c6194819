/**
 * Cyan, magenta, yellow and black, 255 for full ink, to red, green and blue; both interleaved bytes. The plain formula,
 * without a profile of inks, in Pillow's integer arithmetic: (255 − K) · (255 − C) / 255, rounded.
 *
 * Source: Pillow's Convert.c, `cmyk2rgb`.
 */
export function cmykToRgb(inks: Uint8Array): Uint8Array {
  const pixels = inks.length / 4;
  const rgb = new Uint8Array(3 * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const light = 255 - inks[4 * pixel + 3];
    for (let channel = 0; channel < 3; channel++) {
      rgb[3 * pixel + channel] = Math.max(0, light - timesUnit(inks[4 * pixel + channel], light));
    }
  }
  return rgb;
}

/** a · b / 255, rounded; exact for bytes. */
function timesUnit(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}
