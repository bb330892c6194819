/** Images without a label, −1 in a step's labels: they have no cross-entropy, and take part in the alignment term alone. */
import { stopGradient } from "../autodiff/index.ts";
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { int64 } from "../tensor/index.ts";

/** Which images have a label, and labels that index something for all of them. */
export interface Labelled {
  /** bool [N] */
  readonly isLabelled: Value;
  /** int64 [N]: 0 where there is none, whose loss is not to count. */
  readonly labels: Value;
}

/** @param labels  int64 [N], −1 for none */
export function labelled(g: GraphBuilder, labels: Value): Labelled {
  const none = g.constant(int64([-1], []));
  const isLabelled = g.op1("Not", [g.equal(labels, none)]);
  return { isLabelled, labels: g.where(isLabelled, labels, g.constant(int64([0], []))) };
}

/**
 * How far the logits of the images without a label are spread: the root of the mean over logits of their variance over the
 * images. It falls towards 0 where a net comes to give all of them the same answer. No gradient flows through it.
 *
 * @param logits  [N, K]
 * @returns       a scalar; 0 of one image, or of none
 */
export function spreadOfUnlabelled(g: GraphBuilder, logits: Value, isLabelled: Value): Value {
  const z = stopGradient(g, logits);
  const counts = g.reshape(g.where(isLabelled, g.scalar(0), g.scalar(1)), [logits.shape[0], 1]);
  const total = g.sum(counts, [0, 1]);
  const divisor = g.where(g.equal(total, g.scalar(0)), g.scalar(1), total);
  const mean = g.div(g.sum(g.mul(counts, z), [0], { keep: true }), divisor);
  const apart = g.sub(z, mean);
  const variance = g.div(g.sum(g.mul(counts, g.mul(apart, apart)), [0]), divisor);
  return g.sqrt(g.mean(variance, [0]));
}
