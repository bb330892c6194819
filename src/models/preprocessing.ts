/** What becomes of pixels on their way into a model's graph. */
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { type ImageBatch, UsageError, float32, sizeOf } from "../tensor/index.ts";
import { type Normalization, checkNormalization, normalize, normalizeImages } from "./normalization.ts";

/** The order of colours that a model takes. */
export type ChannelOrder = "rgb" | "bgr";

/**
 * From pixels in [0, 1], RGB, to what the graph takes, in this order: the channels are reversed (`channelOrder`), the
 * values multiplied (`inputRange`), and each channel normalised (`normalization`).
 */
export interface Preprocessing {
  /** In units of `inputRange`, in the model's order of channels (default: nothing). */
  readonly normalization?: Normalization;
  /** White, as the graph takes it: 1 (default), or 255 where it takes bytes. */
  readonly inputRange?: number;
  /** Default "rgb". */
  readonly channelOrder?: ChannelOrder;
}

/** Above it means and stds are of bytes, not of pixels in [0, 1]. */
const LARGEST_UNIT = 5;

/** @throws UsageError for values that fit neither the images' channels nor one another */
export function checkPreprocessing(
  { normalization, inputRange = 1, channelOrder = "rgb" }: Preprocessing,
  channels: number,
): void {
  if (inputRange !== 1 && inputRange !== 255) {
    throw new UsageError(`inputRange is ${inputRange}. Give 1 or 255: white, as the model takes it.`);
  }
  if (channelOrder !== "rgb" && channelOrder !== "bgr") {
    throw new UsageError(`Unknown channelOrder "${String(channelOrder)}". Choose one of: rgb, bgr.`);
  }
  if (channelOrder === "bgr" && channels !== 3) {
    throw new UsageError(
      `channelOrder "bgr" is for images of 3 channels; these have ${channels}. Leave it out, or read the images in colour.`,
    );
  }
  if (!normalization) return;
  checkNormalization(normalization, channels);
  const { mean, std } = normalization;
  const ofBytes = (
    [
      ["mean", mean],
      ["std", std],
    ] as const
  ).find(([, values]) => values.some((v) => v > LARGEST_UNIT));
  if (inputRange === 1 && ofBytes) {
    throw new UsageError(
      `The ${ofBytes[0]} ${ofBytes[1].join(", ")} is of bytes; pixels are in [0, 1] here. Divide mean and std by 255, or give ` +
        `inputRange 255 (--input-range 255) as well.`,
    );
  }
  const isUnit = mean.some((m) => m !== 0) && mean.every((m) => m <= 1) && std.every((s) => s <= 1);
  if (inputRange === 255 && isUnit) {
    throw new UsageError(
      `The mean ${mean.join(", ")} and std ${std.join(", ")} are of pixels in [0, 1], and inputRange is 255. ` +
        `Multiply them by 255, or leave inputRange out.`,
    );
  }
}

/** Whether pixels enter the graph as they are. */
export const isUnchanged = ({ normalization, inputRange = 1, channelOrder = "rgb" }: Preprocessing) =>
  inputRange === 1 &&
  channelOrder === "rgb" &&
  (!normalization || (normalization.mean.every((m) => m === 0) && normalization.std.every((s) => s === 1)));

/** Pixels [N, C, H, W] in [0, 1] as the graph takes them, inside a graph. */
export function preprocess(g: GraphBuilder, pixels: Value, preprocessing: Preprocessing): Value {
  const { normalization, inputRange = 1, channelOrder = "rgb" } = preprocessing;
  let x = channelOrder === "bgr" ? g.gather(pixels, g.ints([2, 1, 0]), 1) : pixels;
  if (inputRange !== 1) x = g.mul(x, g.constant(float32([], [inputRange])));
  return normalization ? normalize(g, x, normalization) : x;
}

/** The same of a batch of images, rounded as {@link preprocess} rounds; the batch itself where nothing changes. */
export function preprocessImages(images: ImageBatch, preprocessing: Preprocessing): ImageBatch {
  const { normalization, inputRange = 1, channelOrder = "rgb" } = preprocessing;
  let { data } = images;
  if (channelOrder === "bgr") data = reversedChannels(images);
  if (inputRange !== 1) data = data.map((value) => value * inputRange);
  const entering = { data, shape: images.shape };
  return normalization ? normalizeImages(entering, normalization) : entering;
}

function reversedChannels({ data, shape: [, channels, ...spatial] }: ImageBatch): Float32Array {
  const area = sizeOf(spatial);
  const size = channels * area;
  const result = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += size) {
    for (let c = 0; c < channels; c++) {
      const from = start + (channels - 1 - c) * area;
      result.set(data.subarray(from, from + area), start + c * area);
    }
  }
  return result;
}
