import type { Interpolation } from "../tensor/index.ts";
import { type Passes, type Taps, plainPasses, precisionBits } from "./resample-passes.ts";
import type { Size, Window } from "./picture-size.ts";
import { resampleNearest } from "./resample-nearest.ts";
import { simdPasses } from "./resample-simd.ts";

export type { Size, Window } from "./picture-size.ts";

/** How far a kernel reaches, in pixels of the coarser image, and what weight it gives a distance. */
interface Kernel {
  readonly support: number;
  readonly weight: (x: number) => number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

/** Keys' cubic with a = −0.5. */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

function hamming(distance: number): number {
  const x = Math.abs(distance) * Math.PI;
  if (x === 0) return 1;
  return x >= Math.PI ? 0 : (Math.sin(x) / x) * (0.54 + 0.46 * Math.cos(x));
}

/** Pillow's, by the names it has for them. */
const kernels = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weight: hamming },
  bicubic: { support: 2, weight: cubic },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
} as const satisfies Record<Exclude<Interpolation, "nearest">, Kernel>;

const { alongRows, alongColumns }: Passes = simdPasses(plainPasses) ?? plainPasses;

/**
 * An image [H, W, channels] of interleaved bytes brought to another size, or a window of what that gives: antialiased where
 * it shrinks. Along its rows and along its columns, rounded to bytes in between, with weights in fixed point: the same
 * bytes as Pillow's `Image.resize(size, …)` and so torchvision's `Resize` of a Pillow image. An image of that size is
 * returned as it is.
 *
 * Source: Pillow 13's Resample.c, `precompute_coeffs` and `ImagingResample*_8bpc`.
 *
 * @param window  the part of the new image that is wanted (default: all); nothing else is computed
 */
export function resample(
  image: Uint8Array,
  channels: number,
  from: Size,
  to: Size,
  {
    interpolation = "bilinear",
    window = { top: 0, left: 0, ...to },
  }: { interpolation?: Interpolation; window?: Window } = {},
): Uint8Array {
  if (interpolation === "nearest") return resampleNearest(image, channels, from, to, window);
  const columns =
    from.width === to.width ? null : keptTaps(interpolation, from.width, to.width, window.left, window.width);
  const rows =
    from.height === to.height
      ? null
      : keptTaps(interpolation, from.height, to.height, window.top, window.height);
  // Rows of the image that the window's rows are made of.
  const [top, end] = rows ? spanOf(rows) : [window.top, window.top + window.height];
  if (columns && rows && isShortFirst(from, to)) {
    const [left, right] = spanOf(columns);
    const part = columnsOf(image, channels, from.width, [left, right], [top, end]);
    const short = alongColumns(part, (right - left) * channels, rows, top);
    return alongRows(short, channels, right - left, columns, left, [0, window.height]);
  }
  const narrow = columns
    ? alongRows(image, channels, from.width, columns, 0, [top, end])
    : columnsOf(image, channels, from.width, [window.left, window.left + window.width], [top, end]);
  return rows ? alongColumns(narrow, window.width * channels, rows, top) : narrow;
}

/** Whether columns come before rows: since Pillow 13 where the height shrinks by more than twice what the width does. */
const isShortFirst = (from: Size, to: Size): boolean => {
  const shrinks = from.height - to.height;
  return shrinks > 0 && shrinks > 2 * (from.width - to.width);
};

/** Taps of the last lengths: pictures of one camera have few, those of a folder hundreds, and each takes a fraction of a millisecond. */
const kept = new Map<string, Taps>();
const MOST_KEPT = 1024;

function keptTaps(
  interpolation: keyof typeof kernels,
  before: number,
  after: number,
  first: number,
  count: number,
): Taps {
  const key = [interpolation, before, after, first, count].join();
  const known = kept.get(key);
  if (known) return known;
  const taps = tapsOf(kernels[interpolation], before, after, first, count);
  // Those of pictures that take much longer to decode would take the room of many.
  if (taps.weights.length > 4096) return taps;
  if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
  kept.set(key, taps);
  return taps;
}

/** The kernel about each place, as wide as the step between places but at least one input pixel to each side. */
function tapsOf(kernel: Kernel, before: number, after: number, first: number, count: number): Taps {
  const scale = before / after;
  const stretch = Math.max(scale, 1);
  const support = kernel.support * stretch;
  const firsts = new Int32Array(count);
  const starts = new Int32Array(count + 1);
  const weights: number[] = [];
  for (let place = 0; place < count; place++) {
    const centre = (first + place + 0.5) * scale;
    const from = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), before);
    let sum = 0;
    const shares = Array.from({ length: end - from }, (_, i) => {
      const share = kernel.weight((i + from - centre + 0.5) * (1 / stretch));
      sum += share;
      return share;
    });
    for (const share of shares) weights.push(fixedPoint(sum === 0 ? share : share / sum));
    firsts[place] = from;
    starts[place + 1] = weights.length;
  }
  return { firsts, starts, weights: Int32Array.from(weights) };
}

const fixedPoint = (share: number): number =>
  Math.trunc((share < 0 ? -0.5 : 0.5) + share * (1 << precisionBits));

/** The first input place that any of the places needs, and the one after the last. */
function spanOf({ firsts, starts }: Taps): [first: number, end: number] {
  let [least, most] = [Infinity, 0];
  firsts.forEach((first, place) => {
    least = Math.min(least, first);
    most = Math.max(most, first + starts[place + 1] - starts[place]);
  });
  return [least, most];
}

/** The same rows, cut to some columns. */
function columnsOf(
  image: Uint8Array,
  channels: number,
  width: number,
  [left, right]: readonly [number, number],
  [top, end]: readonly [number, number],
): Uint8Array {
  if (right - left === width) return image.subarray(top * width * channels, end * width * channels);
  const length = (right - left) * channels;
  const result = new Uint8Array((end - top) * length);
  for (let row = top; row < end; row++) {
    const from = (row * width + left) * channels;
    result.set(image.subarray(from, from + length), (row - top) * length);
  }
  return result;
}
