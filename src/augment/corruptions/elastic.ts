import type { Random } from "../../tensor/index.ts";
import type { Corruption, ImageSize } from "./corruption.ts";
import { inside } from "../filter-pass.ts";
import { gaussianFilter } from "./filters.ts";

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
    const places = new Float64Array(2 * dx.length);
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        places[2 * i] = y + dy[i];
        places[2 * i + 1] = x + dx[i];
      }
    }
    read(from, size, "reflect", places, out);
  };

function displacements({ height, width }: ImageSize, most: number, sigma: number, rng: Random): Float32Array {
  const draws = new Float64Array(height * width);
  rng.uniforms(draws);
  const noise = new Float32Array(draws.length);
  for (let i = 0; i < draws.length; i++) noise[i] = most * (2 * draws[i] - 1);
  return gaussianFilter(noise, { height, width }, [sigma * height, sigma * width], "reflect", 3);
}

/** [H · W, 2]: the row and the column of the source that each pixel shows. */
function placesOf(
  { height, width }: ImageSize,
  write: (y: number, x: number, place: Float64Array) => void,
): Float64Array {
  const places = new Float64Array(2 * height * width);
  const place = new Float64Array(2);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      write(y, x, place);
      places[to++] = place[0];
      places[to++] = place[1];
    }
  }
  return places;
}

/** Planes read at other places, linearly; all of them alike. */
function read(
  planes: Float32Array,
  { height, width }: ImageSize,
  border: "reflect" | "mirror",
  places: Float64Array,
  out: Float32Array,
): void {
  const area = height * width;
  for (let i = 0; i < area; i++) {
    const [y, x] = [places[2 * i], places[2 * i + 1]];
    const [top, left] = [Math.floor(y), Math.floor(x)];
    const [down, along] = [y - top, x - left];
    const upper = width * inside(top, height, border);
    const lower = width * inside(top + 1, height, border);
    const near = inside(left, width, border);
    const far = inside(left + 1, width, border);
    for (let start = 0; start < planes.length; start += area) {
      const above = planes[start + upper + near] * (1 - along) + planes[start + upper + far] * along;
      const below = planes[start + lower + near] * (1 - along) + planes[start + lower + far] * along;
      out[start + i] = above * (1 - down) + below * down;
    }
  }
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
  const places = placesOf(size, (y, x, place) => {
    const [dy, dx] = [y - cy, x - cx];
    const down = (dy * rightX - dx * rightY) / determinant;
    const right = (dx * downY - dy * downX) / determinant;
    place[0] = middleY - half + down;
    place[1] = middleX - half + right;
  });
  const result = new Float32Array(image.length);
  read(image, size, "mirror", places, result);
  return result;
}
