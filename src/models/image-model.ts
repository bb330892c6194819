/** What the classifiers of this folder have in common: options, checks, normalisation, and a stream of weights. */
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { type Random, UsageError, random } from "../tensor/index.ts";
import { type Classifier, buildClassifier } from "./classifier.ts";
import { checkNormalization, normalize } from "./normalization.ts";

export interface ImageModelOptions {
  /** One image, [C, H, W] (default: what the model was made for). */
  shape?: readonly [channels: number, height: number, width: number];
  /** Default 10. */
  classes?: number;
  /** What the graph subtracts from, then divides, each channel by (default 0 and 1: pixels in [0, 1] as they are). */
  mean?: readonly number[];
  std?: readonly number[];
  /** Seed of the initial weights (default 0). */
  seed?: number;
}

/** Options of a model whose channels are multiples of a width. */
export interface WidthOptions extends ImageModelOptions {
  /** Channels of the first convolution; the other layers keep their proportion to it. */
  width?: number;
}

interface Plan {
  /** Of the graph, and of the stream that weights are drawn from. */
  name: string;
  title: string;
  /** Default shape of an image. */
  shape: readonly [number, number, number];
  /** The least height and width that leave a pixel for every layer. */
  leastSize: number;
}

/** What a model's layers are made with. */
export interface Layers {
  g: GraphBuilder;
  rng: Random;
  classes: number;
}

/**
 * @param body  from the normalised images [N, C, H, W] to the logits [N, classes]
 * @throws UsageError for images that are too small, and for a normalisation that does not fit their channels
 */
export function imageModel(
  plan: Plan,
  options: ImageModelOptions,
  body: (layers: Layers, images: Value) => Value,
): Classifier {
  const { shape = plan.shape, classes = 10, seed = 0 } = options;
  const [channels, height, width] = shape;
  const { name, title, leastSize: least } = plan;
  if (height < least || width < least) {
    throw new UsageError(
      `${title} needs images of at least ${least}×${least} pixels; got ${height}×${width}. Resize them.`,
    );
  }
  const mean = options.mean ?? Array<number>(channels).fill(0);
  const std = options.std ?? Array<number>(channels).fill(1);
  checkNormalization({ mean, std }, channels);
  const rng = random(seed, name);
  const classifier = buildClassifier(name, shape, (g, images) =>
    body({ g, rng, classes }, normalize(g, images, { mean, std })),
  );
  const isNormalized = mean.some((m) => m !== 0) || std.some((s) => s !== 1);
  return isNormalized ? { ...classifier, normalizesItself: true } : classifier;
}

/** @throws UsageError for a width that is no whole number from 1 */
export function checkedWidth(width: number): number {
  if (Number.isInteger(width) && width >= 1) return width;
  throw new UsageError(`A model ${width} channels wide cannot be built. Give a whole number of at least 1.`);
}
