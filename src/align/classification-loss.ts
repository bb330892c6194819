import type { GraphBuilder, Value } from "../onnx/index.ts";
import { ShapeError, float32, int64 } from "../tensor/index.ts";
import type { Loss } from "./loss.ts";
import { checkLogits, crossEntropy } from "./cross-entropy.ts";

/** What the cross-entropies of a step are, where they are not the plain ones. */
export interface ClassificationLoss {
  /** ε in [0, 1): the target is 1 − ε at the label and ε/K more at each of the K logits. */
  readonly labelSmoothing: number;
  /** w by logit, each above 0; logits beyond the list have 1. Null for 1 throughout. */
  readonly classWeights: readonly number[] | null;
  /** In the place of the cross-entropy, then without label smoothing; class weights multiply it by its label's. */
  readonly own?: Loss;
}

/**
 * The loss of each sample, in nats: Σ_k t_k·w_k·(−log p_k), with t = (1 − ε)·[k = y] + ε/K.
 *
 * Source: torch.nn.CrossEntropyLoss(weight, label_smoothing) of PyTorch 2, reduction "none". There each class brings its
 * weight along where labels are smoothed, also as a class that the sample is not of.
 *
 * @param logits  [N, K]
 * @param labels  class indices, int64 [N]
 * @returns       [N]
 */
export function classificationLosses(
  g: GraphBuilder,
  logits: Value,
  labels: Value,
  form: ClassificationLoss | undefined,
): Value {
  if (!form) return crossEntropy(g, logits, labels);
  checkLogits(logits, labels);
  if (form.own) return ownLosses(g, logits, labels, form.own, form.classWeights);
  const classes = logits.shape[1];
  const { labelSmoothing } = form;
  const off = labelSmoothing / classes;
  const depth = g.constant(int64([classes], []));
  const onOff = g.constant(float32([2], [off, 1 - labelSmoothing + off]));
  const targets = g.op1("OneHot", [labels, depth, onOff], { axis: -1 });
  const weighted = form.classWeights ? g.mul(targets, weightsOf(g, form.classWeights, classes)) : targets;
  return g.neg(g.sum(g.mul(g.logSoftmax(logits, 1), weighted), [1]));
}

/**
 * The batch's loss out of its samples': their sum over Σ w of their labels, as reduction "mean" of
 * torch.nn.CrossEntropyLoss. Without weights that is the mean.
 *
 * @param losses      [N], of {@link classificationLosses}
 * @param labels      int64 [N]
 * @param isLabelled  bool [N]: the samples that count, of which there may be none, and then the loss is 0; null for all
 * @returns           a scalar
 */
export function classificationMean(
  g: GraphBuilder,
  losses: Value,
  labels: Value,
  form: ClassificationLoss | undefined,
  classes: number,
  isLabelled: Value | null = null,
): Value {
  if (!form?.classWeights && !isLabelled) return g.mean(losses, [0]);
  const weights = form?.classWeights
    ? g.gather(weightsOf(g, form.classWeights, classes), labels)
    : g.full(losses.shape, 1);
  if (!isLabelled) return g.div(g.sum(losses, [0]), g.sum(weights, [0]));
  const zero = g.scalar(0);
  const total = g.sum(g.where(isLabelled, weights, zero), [0]);
  const counted = g.sum(g.where(isLabelled, losses, zero), [0]);
  return g.div(counted, g.where(g.equal(total, zero), g.scalar(1), total));
}

/** @throws ShapeError for losses that are not one for each sample */
function ownLosses(
  g: GraphBuilder,
  logits: Value,
  labels: Value,
  loss: Loss,
  classWeights: readonly number[] | null,
): Value {
  const losses = loss.perSample(g, logits, labels);
  const [samples] = labels.shape;
  if (losses.shape.length !== 1 || losses.shape[0] !== samples) {
    throw new ShapeError(
      `The loss "${loss.name}" gives [${losses.shape}] for ${samples} samples. It must give one number for each, [${samples}].`,
    );
  }
  if (!classWeights) return losses;
  return g.mul(losses, g.gather(weightsOf(g, classWeights, logits.shape[1]), labels));
}

/** [K] */
const weightsOf = (g: GraphBuilder, weights: readonly number[], classes: number): Value =>
  g.constant(
    float32(
      [classes],
      Array.from({ length: classes }, (_, k) => weights[k] ?? 1),
    ),
  );
