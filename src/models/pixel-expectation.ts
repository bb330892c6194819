/** What a graph expects of pixels, told by what it does to them first. */
import type { ChannelOrder } from "./preprocessing.ts";
import type { FrontChannel } from "./pixel-front.ts";

export interface PixelExpectation {
  /** What it does to them: "subtracts 0.485, 0.456, 0.406 and divides by 0.229, 0.224, 0.225". */
  readonly does: string;
  /** It takes pixels in [0, 1] and normalises them by itself. */
  readonly normalizesItself: boolean;
  /** White, as the graph takes it; null where it does not show. */
  readonly range: 1 | 255 | null;
  /** The order of colours that it takes; null where it does not show. */
  readonly order: ChannelOrder | null;
  /** It takes the channels in the reverse order of that in which its first layer gets them. */
  readonly reverses: boolean;
}

/** From here on means and stds are of bytes. */
const LEAST_BYTE = 20;
/** The largest std of pixels in [0, 1] that anybody divides by. */
const LARGEST_UNIT_STD = 1.5;
/** A unit mean that differs from 0 by more than what a BatchNormalization of normalised images may have. */
const LEAST_UNIT_MEAN = 0.05;

/** Means that are known by the colours' order, red first, in units of 1: ImageNet's, Caffe's, CIFAR-10's, CIFAR-100's. */
const knownMeans = [
  [0.485, 0.456, 0.406],
  [123.675 / 255, 116.28 / 255, 103.53 / 255],
  [123.68 / 255, 116.779 / 255, 103.939 / 255],
  [123 / 255, 117 / 255, 104 / 255],
  [122.7717 / 255, 115.9465 / 255, 102.9801 / 255],
  [0.4914, 0.4822, 0.4465],
  [0.5071, 0.4867, 0.4408],
  [0.4815, 0.4578, 0.4082],
];
const MEAN_TOLERANCE = 0.004;

/** @returns null for a graph that takes pixels as they are, as far as it shows */
export function pixelExpectation(channels: readonly FrontChannel[] | null): PixelExpectation | null {
  if (channels === null || channels.length === 0 || channels.some(({ scale }) => scale === 0)) return null;
  const isPlain = channels.every(
    ({ source, scale, offset }, c) => source === c && near(scale, 1) && near(offset, 0),
  );
  if (isPlain) return null;
  // (x − mean)/std
  const mean = channels.map(({ scale, offset }) => (offset === 0 ? 0 : -offset / scale));
  const std = channels.map(({ scale }) => 1 / scale);
  const sizes = std.map(Math.abs);
  const isOfBytes =
    sizes.every((s) => s >= LEAST_BYTE) ||
    (mean.some((m) => m >= LEAST_BYTE) && mean.every((m) => m >= 0 && m <= 255));
  const isOfUnits =
    !isOfBytes &&
    sizes.every((s) => s <= LARGEST_UNIT_STD) &&
    mean.every((m) => m >= -LEAST_UNIT_MEAN && m <= 1) &&
    (mean.some((m) => m > LEAST_UNIT_MEAN) || sizes.every((s) => s < LEAST_UNIT_MEAN));
  const sources = channels.map(({ source }) => source);
  const reverses = channels.length === 3 && sources.join() === "2,1,0";
  const unitMean = isOfBytes ? mean.map((m) => m / 255) : mean;
  // Of one grey channel that is repeated, no order is wrong.
  const inside = new Set(sources).size === 3 ? orderOf(unitMean) : null;
  return {
    does: describe(mean, std, reverses),
    normalizesItself: isOfUnits,
    range: isOfBytes ? 255 : isOfUnits ? 1 : null,
    order: inside === null ? null : reverses ? opposite(inside) : inside,
    reverses,
  };
}

const near = (a: number, b: number) => Math.abs(a - b) < 1e-6;

function orderOf(mean: readonly number[]): ChannelOrder | null {
  const isLike = (values: readonly number[]) => (known: readonly number[]) =>
    known.every((m, c) => Math.abs(m - values[c]) < MEAN_TOLERANCE);
  if (knownMeans.some(isLike(mean))) return "rgb";
  return knownMeans.some(isLike(mean.toReversed())) ? "bgr" : null;
}

const opposite = (order: ChannelOrder): ChannelOrder => (order === "rgb" ? "bgr" : "rgb");

function describe(mean: readonly number[], std: readonly number[], reverses: boolean): string {
  const list = (values: readonly number[]) => {
    const shown = values.map((value) => String(Number(value.toPrecision(4))));
    return new Set(shown).size === 1 ? shown[0] : shown.join(", ");
  };
  const parts = [
    ...(reverses ? ["reverses the channels"] : []),
    ...(mean.some((m) => !near(m, 0)) ? [`subtracts ${list(mean)}`] : []),
    ...(std.some((s) => !near(s, 1)) ? [`divides by ${list(std)}`] : []),
  ];
  if (parts.length === 0) return "takes the channels in another order";
  return parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
