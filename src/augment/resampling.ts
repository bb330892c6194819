/** One axis of a resize: each new pixel as a weighted sum of old ones. */
import type { PlaneSize } from "./filter-pass.ts";
import type { Interpolation } from "./interpolation.ts";
import { type Fill, placeIn } from "./reflected.ts";
import { type LineTaps, simdResample } from "./values-simd.ts";

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
): LineTaps {
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
  return { starts, places: Int32Array.from(places), weights: Float64Array.from(weights) };
}

/** Planes [count, H, W], each line across resampled, then each down. */
export function resampled(
  planes: Float32Array,
  size: PlaneSize,
  across: LineTaps,
  down: LineTaps,
  out: Float32Array,
): void {
  if (!simdResample(planes, size, across, down, out)) plainResample(planes, size, across, down, out);
}

/** Where WebAssembly has no instructions for it. */
export function plainResample(
  planes: Float32Array,
  { height, width }: PlaneSize,
  across: LineTaps,
  down: LineTaps,
  out: Float32Array,
): void {
  const between = new Float32Array(height * width);
  const sums = new Float64Array(width);
  for (let first = 0; first < planes.length; first += between.length) {
    for (let row = 0; row < between.length; row += width) {
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let tap = across.starts[x]; tap < across.starts[x + 1]; tap++)
          sum += across.weights[tap] * planes[first + row + across.places[tap]];
        between[row + x] = sum;
      }
    }
    for (let y = 0; y < height; y++) {
      sums.fill(0);
      for (let tap = down.starts[y]; tap < down.starts[y + 1]; tap++) {
        const [weight, row] = [down.weights[tap], down.places[tap] * width];
        for (let x = 0; x < width; x++) sums[x] += weight * between[row + x];
      }
      out.set(sums, first + y * width);
    }
  }
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
