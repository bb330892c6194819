/** One axis of a resize: each new pixel as a weighted sum of old ones. */
import type { Interpolation } from "./interpolation.ts";
import { type Fill, placeIn } from "./reflected.ts";

export interface Resampling {
  /** Rows of `length` values to as many: [count, length]. */
  lines(from: Float32Array, count: number, to: Float32Array): void;
  /** Columns of `length` values, `width` side by side: [length, width]. `sums` is for its own use, [width]. */
  columns(from: Float32Array, width: number, sums: Float64Array, to: Float32Array): void;
}

/**
 * The middle `taken` pixels of a line of `length`, or the line within so many, brought to `length`. As torch's `interpolate` with
 * antialias: where pixels become fewer, the triangle or cubic (Keys', a = −0.5 there) is as wide as they move together, and its
 * weights are divided by their sum; "nearest" takes one pixel.
 */
export function resampling(
  length: number,
  taken: number,
  fill: Fill,
  interpolation: Interpolation,
): Resampling {
  const scale = taken / length;
  // Halves go to even numbers, as Python rounds them.
  const first = -halfEven((taken - length) / 2);
  const filter = filters[interpolation];
  const starts = new Int32Array(length + 1);
  const places: number[] = [];
  const weights: number[] = [];
  for (let i = 0; i < length; i++) {
    starts[i] = places.length;
    for (const [at, weight] of filter(i, scale, taken)) {
      const place = placeIn(first + at, length, fill);
      if (place < 0 || weight === 0) continue;
      places.push(place);
      weights.push(weight);
    }
  }
  starts[length] = places.length;
  const [at, by] = [Int32Array.from(places), Float64Array.from(weights)];
  return {
    lines(from, count, to) {
      for (let line = 0; line < count; line++) {
        const row = line * length;
        for (let i = 0; i < length; i++) {
          let sum = 0;
          for (let tap = starts[i]; tap < starts[i + 1]; tap++) sum += by[tap] * from[row + at[tap]];
          to[row + i] = sum;
        }
      }
    },
    columns(from, width, sums, to) {
      for (let i = 0; i < length; i++) {
        sums.fill(0);
        for (let tap = starts[i]; tap < starts[i + 1]; tap++) {
          const [weight, row] = [by[tap], at[tap] * width];
          for (let x = 0; x < width; x++) sums[x] += weight * from[row + x];
        }
        to.set(sums, i * width);
      }
    },
  };
}

type Tap = readonly [place: number, weight: number];

/** What new pixel i is made of, in places of the pixels taken. */
type Filter = (i: number, scale: number, taken: number) => readonly Tap[];

const filters: Readonly<Record<Interpolation, Filter>> = {
  nearest: (i, scale, taken) => [[Math.min(Math.floor(i * scale), taken - 1), 1]],
  bilinear: windowed(1, (x) => Math.max(0, 1 - Math.abs(x))),
  bicubic: windowed(2, (distance) => {
    const [a, x] = [-0.5, Math.abs(distance)];
    if (x >= 2) return 0;
    return x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : (((x - 5) * x + 8) * x - 4) * a;
  }),
};

/** @param reach  of the function to both sides, where no pixels are lost */
function windowed(reach: number, weightOf: (distance: number) => number): Filter {
  return (i, scale, taken) => {
    const stretch = Math.max(scale, 1);
    const centre = scale * (i + 0.5);
    const start = Math.max(0, Math.floor(centre - reach * stretch + 0.5));
    const end = Math.min(taken, Math.floor(centre + reach * stretch + 0.5));
    const taps = Array.from({ length: end - start }, (_, j): Tap => {
      const place = start + j;
      return [place, weightOf((place - centre + 0.5) / stretch)];
    });
    const sum = taps.reduce((total, [, weight]) => total + weight, 0);
    return taps.map(([place, weight]) => [place, weight / sum]);
  };
}

function halfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
