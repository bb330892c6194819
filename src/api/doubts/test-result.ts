import type { ImageSource } from "../../data/index.ts";
import { type Predictions, argmax, correctness, countCorrect, wilson } from "../../evaluate/index.ts";
import { chanceOf, majorityOf, percent } from "./majority.ts";

/**
 * Whether the model tells the test's classes apart at all, by its answers for the images as they are.
 *
 * @param predictions  of `data`'s images in their order, with labels as the model numbers classes
 */
export function testResultDoubts(predictions: Predictions, data: ImageSource): string[] {
  const { labels, classes } = predictions;
  const [logits] = predictions.logits;
  const majority = majorityOf(labels);
  if (majority === null) return [];
  const [answer, ...others] = new Set(Array.from(labels, (_, i) => argmax(logits, i * classes, classes)));
  if (others.length === 0) {
    // By a label: the model may number classes in another order than the data.
    const name = data.classNames.at(data.labels[labels.indexOf(answer)] ?? Infinity);
    return [
      `The model gives ${name === undefined ? `class ${answer}` : `the class "${name}"`} for all ${labels.length} images: ` +
        `it tells nothing apart. Are these pixels such as it was trained on (mean and std, size, channels)?`,
    ];
  }
  const accuracy = wilson(countCorrect(correctness(logits, labels, classes)), labels.length);
  const score = `Clean accuracy, ${percent(accuracy.value)},`;
  if (accuracy.high < 1 / new Set(labels).size) {
    return [`${score} is below chance: are the model's classes in another order than the data's?`];
  }
  if (accuracy.value > majority.high) return [];
  return [
    `${score} ${chanceOf(accuracy.value, majority)}. Are these pixels and classes such as it was trained on?`,
  ];
}
