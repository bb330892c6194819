import type { Random } from "../../tensor/index.ts";
import { type Corruption, type ImageSize, eachPlane } from "./corruption.ts";
import { gaussianFilter, inside } from "./filters.ts";

/**
 * Rubber: each pixel is read from a place nearby, neighbours from places near one another.
 *
 * @param reach  of the displacements before they are smoothed: uniform in ± this share of the height
 * @param sigma  of the Gaussian that smooths them, as a share of each side
 * @param slant  how far three corners of a square of two thirds of the image go first, which slants it; as a share of the height
 */
export const elastic =
  (reach: number, sigma: number, slant = 0): Corruption =>
  (image, out, size, rng) => {
    const { height, width } = size;
    const from = slant === 0 ? image : slanted(image, size, slant * height, rng);
    const dx = displacements(size, reach * height, sigma, rng);
    const dy = displacements(size, reach * height, sigma, rng);
    eachPlane(from, size, (plane, c) => {
      const made = read(plane, size, "reflect", (y, x) => [y + dy[y * width + x], x + dx[y * width + x]]);
      out.set(made, c * plane.length);
    });
  };

function displacements({ height, width }: ImageSize, most: number, sigma: number, rng: Random): Float32Array {
  const noise = Float32Array.from({ length: height * width }, () => most * (2 * rng.uniform() - 1));
  return gaussianFilter(noise, { height, width }, [sigma * height, sigma * width], "reflect", 3);
}

/** A plane read at other places, linearly. */
function read(
  plane: Float32Array,
  { height, width }: ImageSize,
  border: "reflect" | "mirror",
  placeOf: (y: number, x: number) => readonly [y: number, x: number],
): Float32Array {
  return plane.map((_, i) => {
    const [y, x] = placeOf(Math.floor(i / width), i % width);
    const [top, left] = [Math.floor(y), Math.floor(x)];
    const [down, along] = [y - top, x - left];
    const at = (row: number, column: number) =>
      plane[inside(row, height, border) * width + inside(column, width, border)];
    const upper = at(top, left) * (1 - along) + at(top, left + 1) * along;
    const lower = at(top + 1, left) * (1 - along) + at(top + 1, left + 1) * along;
    return upper * (1 - down) + lower * down;
  });
}

/** By the affine map that takes three corners of a square about the middle to places up to `most` pixels away along each axis. */
function slanted(image: Float32Array, size: ImageSize, most: number, rng: Random): Float32Array {
  const { height, width } = size;
  const half = Math.floor(Math.min(height, width) / 3);
  const [middleY, middleX] = [Math.floor(height / 2), Math.floor(width / 2)];
  const moved = (y: number, x: number) =>
    [y, x].map((place) => place + most * (2 * rng.uniform() - 1)) as [number, number];
  const [ay, ax] = moved(middleY + half, middleX + half);
  const [by, bx] = moved(middleY - half, middleX + half);
  const [cy, cx] = moved(middleY - half, middleX - half);
  // Where a step of 2 · half down and one to the right lead.
  const [downY, downX, rightY, rightX] = [ay - by, ax - bx, by - cy, bx - cx].map((d) => d / (2 * half || 1));
  const determinant = downY * rightX - downX * rightY;
  const result = new Float32Array(image.length);
  eachPlane(image, size, (plane, c) => {
    const made = read(plane, size, "mirror", (y, x) => {
      const [dy, dx] = [y - cy, x - cx];
      const down = (dy * rightX - dx * rightY) / determinant;
      const right = (dx * downY - dy * downX) / determinant;
      return [middleY - half + down, middleX - half + right];
    });
    result.set(made, c * plane.length);
  });
  return result;
}
