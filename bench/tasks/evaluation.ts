import { readFileSync } from "node:fs";
import { rotation } from "../../src/augment/index.ts";
import {
  correctUnderAll,
  correctness,
  countCorrect,
  invarianceShares,
  predictMembers,
} from "../../src/evaluate/index.ts";
import { openClassifier } from "../../src/runtime/index.ts";
import { type Tensor, numbersOf, sizeOf } from "../../src/tensor/index.ts";
import type { Job } from "../job.ts";
import { TRAINED_LENET } from "./trained-lenet.ts";
import type { Task } from "./task.ts";

/** Accuracies and invariance score of a trained LeNet, from the images on; without intervals, as the peer's. */
export function evaluationTask(
  { degrees }: Job,
  tensors: ReadonlyMap<string, Tensor>,
  threads: number,
): Task {
  const images = tensors.get("images")!;
  const labels = Int32Array.from(numbersOf(tensors.get("labels")!));
  const [, channels, height, width] = images.shape;
  const imageSize = sizeOf(images.shape.slice(1));
  const pixels = images.data as Float32Array;
  const data = {
    labels,
    classes: 10,
    shape: [channels, height, width] as const,
    read(indices: ArrayLike<number>, out: Float32Array) {
      for (let i = 0; i < indices.length; i++) {
        out.set(pixels.subarray(indices[i] * imageSize, (indices[i] + 1) * imageSize), i * imageSize);
      }
      return Promise.resolve();
    },
  };
  const model = readFileSync(TRAINED_LENET);
  let scores: Record<string, number> = {};
  return {
    async step() {
      const session = await openClassifier(model, { threads });
      const predictions = await predictMembers(
        (batch) => session.predict(batch),
        data,
        rotation({ degrees }),
      );
      await session.release();
      const correct = predictions.logits.map((logits) => correctness(logits, labels, data.classes));
      const shares = invarianceShares(predictions);
      scores = {
        clean: countCorrect(correct[0]) / labels.length,
        robust: countCorrect(correctUnderAll(correct)) / labels.length,
        invariance: mean(shares.map(mean)),
      };
    },
    rest: () => Promise.resolve(),
    check: () => scores,
  };
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
