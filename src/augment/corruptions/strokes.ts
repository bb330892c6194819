/** What MNIST-C draws over digits: stripes, lines of dots, zigzags. Lengths are of an image of 28 pixels, and grow with it. */
import type { Random } from "../../tensor/index.ts";
import { type Corruption, type ImageSize, eachPlane } from "./corruption.ts";

/** The left and the right quarter as negatives. */
export const stripe: Corruption = (image, out, { width }) => {
  for (let i = 0; i < image.length; i++) {
    const x = i % width;
    const isInside = x >= Math.round(width / 4) && x < Math.round((3 * width) / 4);
    out[i] = isInside ? image[i] : 1 - image[i];
  }
};

/** A line from the left to the right side, of dots two pixels wide. */
export const dottedLine: Corruption = (image, out, size, rng) => {
  const [from, to] = [rng.integer(27), rng.integer(27)];
  const dots = (column: number) => (Math.floor(column / 2) % 2 === 1 && column < 28 ? 1 : 0);
  lighten(image, out, size, (column, row) => dots(column) * lineAt(column, row, [0, from], [27, to]));
};

/** A line that goes up and down by two pixels, from the left to the right. */
export const zigzag: Corruption = (image, out, size, rng) => {
  const corners = cornersOf(rng);
  lighten(image, out, size, (column, row) =>
    Math.min(
      1,
      corners.slice(1).reduce((sum, to, i) => sum + lineAt(column, row, corners[i], to), 0),
    ),
  );
};

type Point = readonly [column: number, row: number];

function cornersOf(rng: Random): readonly Point[] {
  const [first, last, step] = [2, 25, 2];
  const start = rng.integer(27);
  const rise = rng.integer(10) - 5;
  const angle = Math.atan(rise / (last - first));
  const length = (last - first) / Math.cos(angle);
  const count = Math.floor((length - step) / (2 * step)) + 1;
  const along: Point[] = [[0, 0]];
  for (let i = 0; i < count; i++) along.push([(2 * i + 1) * step, (i % 2 === 0 ? 1 : -1) * step]);
  const whole = 2 * step * Math.floor(length / (2 * step));
  if (length !== whole) along.push([length, along[count][1] / (2 * (length - whole))]);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return along.map(([c, r]) => [first + c * cos - r * sin, start + c * sin + r * cos]);
}

/** How light a line between two places, the left one first, is at a place: 1 on it, less by the vertical distance, 0 from 1.45 on. */
function lineAt(column: number, row: number, [c0, r0]: Point, [c1, r1]: Point): number {
  if (c0 === c1 || column < Math.floor(c0) || column >= Math.ceil(c1)) return 0;
  const distance = Math.abs(row - (r0 + ((r1 - r0) / (c1 - c0)) * (column - c0)));
  return distance >= 2.3 ? 0 : Math.min(Math.max(Math.log(1 - distance / 2.3) + 1, 0), 1);
}

/** Adds light to all channels; columns and rows are those of an image of 28 pixels. */
function lighten(
  image: Float32Array,
  out: Float32Array,
  size: ImageSize,
  light: (column: number, row: number) => number,
): void {
  const { height, width } = size;
  const along = (place: number, length: number) =>
    length === 28 ? place : ((place + 0.5) * 28) / length - 0.5;
  const lights = Float32Array.from({ length: height * width }, (_, i) =>
    light(along(i % width, width), along(Math.floor(i / width), height)),
  );
  eachPlane(image, size, (plane, c) =>
    plane.forEach((value, i) => (out[c * plane.length + i] = value + lights[i])),
  );
}
