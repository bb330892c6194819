/** The alignment regularizers on tensors, for training loops of one's own. Definitions: src/align/regularizers. */
import * as tf from "@tensorflow/tfjs";
import { type OptionTable, checkOptions, choice } from "../options/index.ts";
import { ShapeError } from "../tensor/index.ts";
import { checkTensor } from "./check-arguments.ts";

/** One value per sample, [N]; gradients are finite everywhere. */
type Distance = (z: tf.Tensor2D, zView: tf.Tensor2D) => tf.Tensor1D;

const sumRows = (x: tf.Tensor): tf.Tensor1D => tf.sum(x, 1);

/** The gradient of tf.abs at 0 is −1; that of x·sign(x) is 0, as sign has none. */
const l1: Distance = (z, zView) => {
  const difference = tf.sub(z, zView);
  return sumRows(tf.mul(difference, tf.sign(difference)));
};

const squaredL2: Distance = (z, zView) => sumRows(tf.square(tf.sub(z, zView)));

/**
 * 1 where x is 0, else 0, as a constant. Masks are numbers here, as TensorFlow.js looks for gradients behind the
 * conditions of tf.where too.
 */
const isZero = tf.customGrad((x) => ({
  value: tf.cast(tf.equal(x as tf.Tensor, 0), "float32"),
  gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
}));

const not = (mask: tf.Tensor): tf.Tensor => tf.sub(1, mask);

/** Norms of rows, [N, 1]; 1 for a zero row, before the root: its gradient at 0 is infinite. */
function rowNorms(x: tf.Tensor): { norm: tf.Tensor; zero: tf.Tensor } {
  const squared = tf.sum(tf.square(x), 1, true);
  const zero = isZero(squared);
  return { norm: tf.sqrt(tf.add(squared, zero)), zero };
}

const l2: Distance = (z, zView) => {
  const { norm, zero } = rowNorms(tf.sub(z, zView));
  return sumRows(tf.mul(norm, not(zero)));
};

/** ½‖u − u′‖² of the unit vectors; 0 for two zero vectors, 1 for one. */
const cosine: Distance = (z, zView) => {
  const [clean, view] = [rowNorms(z), rowNorms(zView)];
  const difference = tf.sub(tf.div(z, clean.norm), tf.div(zView, view.norm));
  const distance = tf.mul(tf.sum(tf.square(difference), 1, true), 0.5);
  const both = tf.mul(clean.zero, view.zero);
  const one = tf.sub(tf.add(clean.zero, view.zero), tf.mul(both, 2));
  return sumRows(tf.add(tf.mul(distance, not(tf.add(one, both))), one));
};

const kl: Distance = (z, zView) => {
  const logP = tf.logSoftmax(z);
  return sumRows(tf.mul(tf.exp(logP), tf.sub(logP, tf.logSoftmax(zView))));
};

const js: Distance = (z, zView) => {
  const logPair = tf.stack([tf.logSoftmax(z), tf.logSoftmax(zView)], 2);
  const logRatio = tf.add(tf.logSoftmax(logPair), Math.LN2);
  return tf.mul(tf.sum(tf.mul(tf.exp(logPair), logRatio), [1, 2]), 0.5);
};

const WIDEST = 4;
const KERNELS = 5;

/** The share of each sample in the squared maximum mean discrepancy of the two sets. */
const mmd: Distance = (z, zView) => {
  const samples = z.shape[0];
  const kernel = kernelMatrix(tf.concat([z, zView], 0));
  const [toClean, toView] = tf.split(kernel, [samples, samples], 1);
  const [clean, view] = tf.split(tf.mean(tf.sub(toClean, toView), 1), [samples, samples], 0);
  return tf.sub(clean, view);
};

/** The mean of five Gaussian kernels of every pair of rows, [M, M]; each kernel is the square of the one before. */
function kernelMatrix(x: tf.Tensor2D): tf.Tensor2D {
  const points = x.shape[0];
  const centred: tf.Tensor2D = tf.sub(x, stopGradient(tf.mean(x, 0, true)));
  const squared = tf.sum(tf.square(centred), 1, true);
  const inner = tf.matMul(centred, centred, false, true);
  const distances = tf.sub(tf.add(squared, tf.transpose(squared)), tf.mul(inner, 2));
  const mean = tf.mul(tf.sum(stopGradient(squared)), 2 / (points - 1));
  const bandwidth = tf.add(mean, isZero(mean));
  let kernel: tf.Tensor = tf.exp(tf.neg(tf.div(distances, tf.mul(bandwidth, WIDEST))));
  let sum = kernel;
  for (let i = 1; i < KERNELS; i++) {
    kernel = tf.square(kernel);
    sum = tf.add(sum, kernel);
  }
  return tf.div(sum, KERNELS);
}

/** The same values, as a constant. */
const stopGradient = tf.customGrad((x) => ({
  value: (x as tf.Tensor).clone(),
  gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
}));

const distances = { l1, squaredL2, l2, cosine, kl, js, mmd } satisfies Record<string, Distance>;

/** The closed forms; regularizers that train a critic need `fit`. */
export type AlignmentLossName = keyof typeof distances;

export interface AlignmentLossOptions {
  /** Default "squaredL2". */
  regularizer?: AlignmentLossName;
  /** "clean" lets the loss move the views only (default "none"). */
  stopGradient?: "none" | "clean";
}

/** The rows of {@link AlignmentLossOptions}. */
export const alignmentLossTable = {
  regularizer: choice(Object.keys(distances) as AlignmentLossName[], {
    description: "which distance; those that train a critic need fit",
    default: "squaredL2",
    alias: ["distance"],
    advice: () => `Choose one of: ${Object.keys(distances).join(", ")}. Those that train a critic need fit.`,
  }),
  stopGradient: choice(["none", "clean"], {
    description: "clean: the loss moves the views only",
    default: "none",
  }),
} satisfies OptionTable<AlignmentLossOptions>;

/**
 * R(z, z′), the alignment regularizer: a scalar, the mean over the batch, to be weighed by λ and added to a loss. It
 * runs on the current backend and can be differentiated by tf.grads and tf.variableGrads.
 *
 * @example
 * const loss = tf.losses.softmaxCrossEntropy(oneHot, z).add(alignmentLoss(z, zWorst).mul(0.1));
 *
 * @param zClean  logits of the clean images, [N, K]
 * @param zView   logits of their views, [N, K]; row i comes from the same image
 * @throws UsageError for an unknown regularizer; ShapeError for other shapes
 */
export function alignmentLoss(
  zClean: tf.Tensor2D,
  zView: tf.Tensor2D,
  options: AlignmentLossOptions = {},
): tf.Scalar {
  checkTensor("alignmentLoss", "clean logits", zClean);
  checkTensor("alignmentLoss", "views' logits", zView);
  const { regularizer = "squaredL2", stopGradient: stopped = "none" } = options;
  checkOptions("alignmentLoss", alignmentLossTable, options);
  if (zClean.rank !== 2 || zClean.shape.join() !== zView.shape.join()) {
    throw new ShapeError(
      `Logits are [${zClean.shape}] and [${zView.shape}]; expected [N, classes] twice. Flatten what has more axes.`,
    );
  }
  return tf.tidy(() => {
    const anchor = stopped === "clean" ? (stopGradient(zClean) as tf.Tensor2D) : zClean;
    return tf.mean<tf.Scalar>(distances[regularizer](anchor, zView));
  });
}
