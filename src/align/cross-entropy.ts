import type { GraphBuilder, Value } from "../onnx/index.ts";
import { ShapeError, float32, int64 } from "../tensor/index.ts";

/**
 * Softmax cross-entropy of each sample, in nats.
 *
 * @param logits  [N, classes]
 * @param labels  class indices, int64 [N]
 * @returns       [N]
 */
export function crossEntropy(g: GraphBuilder, logits: Value, labels: Value): Value {
  checkLogits(logits, labels);
  const depth = g.constant(int64([logits.shape[1]], []));
  const oneHot = g.op1("OneHot", [labels, depth, g.constant(float32([2], [0, 1]))], { axis: -1 });
  return g.neg(g.sum(g.mul(g.logSoftmax(logits, 1), oneHot), [1]));
}

/** @throws ShapeError for logits that are not [N, classes], with a label for each row */
export function checkLogits(logits: Value, labels: Value): void {
  if (logits.shape.length === 2 && logits.shape[0] === labels.shape[0]) return;
  throw new ShapeError(
    `Logits and labels disagree: logits [${logits.shape}], labels [${labels.shape}]. ` +
      `Logits must be [N, classes] with one label per row.`,
  );
}

/** How many rows of the logits have their largest entry at the label, as a float scalar. */
export function correctCount(g: GraphBuilder, logits: Value, labels: Value): Value {
  const predicted = g.op1("ArgMax", [logits], { axis: 1, keepdims: 0 });
  return g.sum(g.cast(g.equal(predicted, labels), "float32"), [0]);
}
