import { correctUnderAll, correctness, countCorrect } from "./accuracy.ts";
import { negativeLogSoftmax } from "./negative-log-softmax.ts";
import type { Predictions } from "./predictions.ts";

/** The few scores by which epochs of a training are compared; accuracies are those of the test procedure. */
export function validationScores({ labels, classes, logits }: Predictions) {
  const correct = logits.map((member) => correctness(member, labels, classes));
  const losses = logits.map((member) => crossEntropies(member, labels, classes));
  const largest = losses[0].map((_, i) => Math.max(...losses.map((member) => member[i])));
  return {
    clean: countCorrect(correct[0]) / labels.length,
    robust: countCorrect(correctUnderAll(correct)) / labels.length,
    cleanLoss: mean(losses[0]),
    robustLoss: mean(largest),
  };
}

/** Of each sample, in nats, [N]. */
function crossEntropies(logits: Float32Array, labels: Int32Array, classes: number): Float64Array {
  const row = new Float64Array(classes);
  return Float64Array.from(labels, (label, i) => {
    negativeLogSoftmax(logits.subarray(i * classes, (i + 1) * classes), row);
    return row[label];
  });
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
