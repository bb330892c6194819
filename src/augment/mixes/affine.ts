import { type ByteImage, withBytes } from "./byte-image.ts";

/** Where in the image a pixel comes from: (x, y) -> (a·x + b·y + c, d·x + e·y + f), from the upper left corner. */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/**
 * Image.transform(size, AFFINE, matrix, BILINEAR) of Pillow 13: at the pixels' centres; black where a centre lands
 * outside; towards the edge the outermost pixels go on for half a pixel; bytes are cut off, not rounded.
 */
export function affine(image: ByteImage, [a, b, c, d, e, f]: Affine): ByteImage {
  const [channels, height, width] = image.shape;
  const { top, left } = image.margin;
  const size = height * width;
  const data = new Uint8Array(image.data.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [x, y] = [column - left + 0.5, row - top + 0.5];
      const fromX = a * x + b * y + c + left;
      const fromY = d * x + e * y + f + top;
      if (fromX < 0 || fromX >= width || fromY < 0 || fromY >= height) continue;
      const floorX = Math.floor(fromX - 0.5);
      const floorY = Math.floor(fromY - 0.5);
      const [dx, dy] = [fromX - 0.5 - floorX, fromY - 0.5 - floorY];
      const [x0, x1] = [Math.max(0, floorX), Math.min(width - 1, floorX + 1)];
      const [y0, y1] = [Math.max(0, floorY) * width, Math.min(height - 1, floorY + 1) * width];
      for (let plane = 0; plane < channels * size; plane += size) {
        const upper = between(image.data[plane + y0 + x0], image.data[plane + y0 + x1], dx);
        const lower = between(image.data[plane + y1 + x0], image.data[plane + y1 + x1], dx);
        data[plane + row * width + column] = between(upper, lower, dy);
      }
    }
  }
  return withBytes(image, data);
}

const between = (a: number, b: number, share: number): number => a + (b - a) * share;

/** The matrix of Image.rotate: counter-clockwise about the centre. @param size  [H, W] of the image proper */
export function rotationAbout([height, width]: readonly [number, number], degrees: number): Affine {
  const radians = -((((degrees % 360) + 360) % 360) * Math.PI) / 180;
  const [cos, sin] = [rounded(Math.cos(radians)), rounded(Math.sin(radians))];
  const [x, y] = [width / 2, height / 2];
  return [cos, sin, cos * -x + sin * -y + x, -sin, cos, -sin * -x + cos * -y + y];
}

/** To 15 digits, as Pillow does. */
const rounded = (value: number): number => Math.round(value * 1e15) / 1e15;
