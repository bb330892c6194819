/** TensorFlow.js models for tests: weights that are not zero, numbers of TensorFlow.js's own. */
import * as tf from "@tensorflow/tfjs";
import { fromInitializer } from "../src/keras/index.ts";
import { openClassifier } from "../src/runtime/index.ts";
import { type Random, random } from "../src/tensor/index.ts";
import { convert } from "../src/tfjs/convert.ts";
import { toClassifier } from "../src/tfjs/index.ts";
import { classifierGradients } from "./classifier-gradients.ts";

/** TensorFlow.js's plain JavaScript backend; without its banner, which production mode leaves out. */
export async function useCpuBackend(): Promise<void> {
  tf.enableProdMode();
  await tf.setBackend("cpu");
}

/** Seeded normal numbers for every weight; variances are made positive. */
export function randomizeWeights(model: tf.LayersModel, seed = 1): void {
  const rng = random(seed, "weights");
  for (const weight of model.weights) {
    const size = weight.shape.reduce<number>((a, b) => a * b!, 1);
    const values = Float32Array.from({ length: size }, () => 0.5 * rng.normal());
    const isVariance = weight.originalName.endsWith("moving_variance");
    const tensor = tf.tensor(
      isVariance ? values.map((v) => 0.5 + Math.abs(v)) : values,
      weight.shape as number[],
    );
    weight.write(tensor);
    tensor.dispose();
  }
}

/** Images [count, H, W, C] in [0, 1] for a model, channels last. */
export function imagesFor(
  model: tf.LayersModel,
  count: number,
  rng: Random = random(2, "images"),
): tf.Tensor4D {
  const shape = model.inputs[0].shape.slice(1) as [number, number, number];
  const size = count * shape.reduce((a, b) => a * b, 1);
  return tf.tensor4d(
    Float32Array.from({ length: size }, () => rng.uniform()),
    [count, ...shape],
  );
}

/** What the converted model says of the images, [N, classes]. */
export async function convertedLogits(model: tf.LayersModel, images: tf.Tensor4D): Promise<Float32Array> {
  const classifier = await toClassifier(model);
  const session = await openClassifier(classifier.graph, { threads: 1 });
  try {
    return await session.predict(await planar(images));
  } finally {
    await session.release();
  }
}

/** A batch [N, H, W, C] as our functions take it, [N, C, H, W]. */
export async function planar(images: tf.Tensor4D) {
  const [n, height, width, channels] = images.shape;
  const data = (await tf.tidy(() => tf.transpose(images, [0, 3, 1, 2])).data()) as Float32Array;
  return { data, shape: [n, channels, height, width] as const };
}

export const valuesOf = async (tensor: tf.Tensor): Promise<Float32Array> =>
  (await tensor.data()) as Float32Array;

/** Gradients of the mean cross-entropy in evaluation mode, by the name of each weight, in TensorFlow.js's own layout. */
type Gradients = Map<string, Float32Array>;

/** Those of the converted model's graph. */
export async function ourGradients(
  model: tf.LayersModel,
  images: tf.Tensor4D,
  labels: readonly number[],
): Promise<Gradients> {
  const { classifier, weights } = await convert(model);
  const trained = weights
    .map(({ weight, layout }) => ({ ...weight, layout }))
    .filter(({ variable }) => variable.trainable);
  const found = await classifierGradients(
    classifier,
    trained.map(({ name }) => name),
    await planar(images),
    labels,
  );
  return new Map(
    trained.map(({ name, variable, layout }) => [
      variable.originalName,
      fromInitializer(found.get(name)!, variable.shape as number[], layout),
    ]),
  );
}

/** The mean cross-entropy of a model that ends in logits. */
function tensorflowLoss(model: tf.LayersModel, images: tf.Tensor4D, labels: readonly number[]): tf.Scalar {
  const logits = model.apply(images, { training: false }) as tf.Tensor2D;
  const oneHot = tf.oneHot(tf.tensor1d([...labels], "int32"), logits.shape[1]);
  return tf.neg(tf.mean<tf.Scalar>(tf.sum(tf.mul(oneHot, tf.logSoftmax(logits)), 1)));
}

/** Those of TensorFlow.js. */
export async function tensorflowGradients(
  model: tf.LayersModel,
  images: tf.Tensor4D,
  labels: readonly number[],
): Promise<Gradients> {
  const variables = model.weights.filter(({ trainable }) => trainable);
  const { grads } = tf.variableGrads(
    () => tensorflowLoss(model, images, labels),
    variables.map((variable) => variable.read() as tf.Variable),
  );
  const found = variables.map(
    async ({ originalName, name }) => [originalName, await valuesOf(grads[name])] as const,
  );
  return new Map(await Promise.all(found));
}

/** Slopes of TensorFlow.js's loss along a few entries of each weight, by central differences. */
export async function tensorflowSlopes(
  model: tf.LayersModel,
  images: tf.Tensor4D,
  labels: readonly number[],
  { step, entries }: { step: number; entries: number },
): Promise<Map<string, { at: number; slope: number }[]>> {
  const slopes = new Map<string, { at: number; slope: number }[]>();
  for (const variable of model.weights.filter(({ trainable }) => trainable)) {
    const values = Float32Array.from(await variable.read().data());
    const lossWith = (at: number, by: number) => {
      const moved = values.map((v, i) => (i === at ? v + by : v));
      return tf.tidy(() => {
        variable.write(tf.tensor(moved, variable.shape as number[]));
        return tensorflowLoss(model, images, labels).dataSync()[0];
      });
    };
    const stride = Math.max(1, Math.floor(values.length / entries));
    const positions = Array.from(values.keys()).filter((i) => i % stride === 0);
    const found = positions.map((at) => ({
      at,
      slope: (lossWith(at, step) - lossWith(at, -step)) / (2 * step),
    }));
    variable.write(tf.tensor(values, variable.shape as number[]));
    slopes.set(variable.originalName, found);
  }
  return slopes;
}
