import type { ImageSource } from "../../data/index.ts";
import type { MetricsLine } from "../../train/index.ts";
import { chanceOf, majorityOf, percent } from "./majority.ts";

/** Whether training has come to anything, by the accuracy on its own images in the last epoch. */
export function trainingResultDoubts(history: readonly MetricsLine[], data: ImageSource): string[] {
  const last = history.findLast(({ kind }) => kind === "epoch");
  const majority = majorityOf(data.labels);
  if (last === undefined || majority === null || last.accuracy > majority.high) return [];
  return [
    `The last epoch's training accuracy, ${percent(last.accuracy)}, ${chanceOf(last.accuracy, majority)}. Train longer, or with ` +
      `another learning rate.`,
  ];
}
