import { crossEntropy } from "../cross-entropy.ts";
import { defineLoss } from "../define-loss.ts";
import type { Loss } from "../loss.ts";
import { int64 } from "../../tensor/index.ts";

/** A logarithm whose exponential is 0, and which is no infinity. */
const NEVER = -1e4;

export interface FocalOptions {
  /** γ: how much less an image counts that is answered well (default 2; 0 is the cross-entropy). */
  gamma?: number;
}

/**
 * Focal loss of the softmax: −(1 − p_y)^γ · log p_y, in nats.
 *
 * 1 − p_y is the sum of the others' probabilities, taken in logarithms: the difference loses its digits where p_y is near 1,
 * and its power has no finite gradient there for γ below 1.
 *
 * Source: Lin, Goyal, Girshick, He & Dollár, Focal Loss for Dense Object Detection, ICCV 2017, without its α: class weights
 * are that.
 */
export const focal = ({ gamma = 2 }: FocalOptions = {}): Loss =>
  defineLoss({
    name: "focal",
    title: `focal loss, γ = ${gamma}`,
    options: { gamma },
    perSample(g, logits, labels) {
      const losses = crossEntropy(g, logits, labels);
      if (gamma === 0) return losses;
      // log Σ_{k ≠ y} p_k: the label's own logit is taken far down.
      const [samples, classes] = logits.shape;
      const index = g.reshape(labels, [samples, 1]);
      const logP = g.logSoftmax(logits, 1);
      const down = g.op1("ScatterElements", [logP, index, g.full([samples, 1], NEVER)], { axis: 1 });
      const logOthers = g.op1("ReduceLogSumExp", [down, g.constant(int64([1], [1]))], { keepdims: 0 });
      const weights = classes > 1 ? g.exp(g.scale(logOthers, gamma)) : g.full([samples], 0);
      return g.mul(weights, losses);
    },
  });
