/** What the classifiers of this folder have in common: options, checks, normalisation, and a stream of weights. */
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { checkLimit, withDefaults } from "../options/index.ts";
import { type Random, UsageError, random } from "../tensor/index.ts";
import { type Classifier, buildClassifier } from "./classifier.ts";
import type { ImageModelOptions, modelOptions } from "./model-options.ts";
import { checkNormalization, normalize } from "./normalization.ts";

interface Plan {
  /** Of the graph, and of the stream that weights are drawn from; its maker's name too. */
  name: string;
  title: string;
  /** Its options, with the default shape of an image. */
  table: ReturnType<typeof modelOptions>;
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
  const { shape, classes, seed, ...given } = withDefaults(plan.name, plan.table, options);
  const [channels, height, width] = shape;
  const { name, title, leastSize: least } = plan;
  if (height < least || width < least) {
    throw new UsageError(
      `${title} needs images of at least ${least}×${least} pixels; got ${height}×${width}. Resize them.`,
    );
  }
  checkLimit("arrayBytes", 4 * channels * height * width, `An image of [${shape.join()}]`);
  const mean = given.mean ?? Array<number>(channels).fill(0);
  const std = given.std ?? Array<number>(channels).fill(1);
  checkNormalization({ mean, std }, channels);
  const rng = random(seed, name);
  const classifier = buildClassifier(name, shape, (g, images) =>
    body({ g, rng, classes }, normalize(g, images, { mean, std })),
  );
  const isNormalized = mean.some((m) => m !== 0) || std.some((s) => s !== 1);
  return isNormalized ? { ...classifier, normalizesItself: true } : classifier;
}
