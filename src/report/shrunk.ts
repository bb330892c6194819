import type { Picture } from "./record.ts";

/** A picture with each `factor` × `factor` pixels as their mean; what is left over at the right and below is cut off. */
export function shrunk(picture: Picture, factor: number): Picture {
  if (factor === 1) return picture;
  const [height, width] = [Math.floor(picture.height / factor), Math.floor(picture.width / factor)];
  const pixels = new Float32Array(picture.channels * height * width);
  for (let plane = 0; plane < picture.channels; plane++) {
    for (let y = 0; y < height * factor; y++) {
      for (let x = 0; x < width * factor; x++) {
        const source = (plane * picture.height + y) * picture.width + x;
        const target = (plane * height + Math.floor(y / factor)) * width + Math.floor(x / factor);
        pixels[target] += picture.pixels[source] / factor ** 2;
      }
    }
  }
  return { channels: picture.channels, height, width, pixels };
}
