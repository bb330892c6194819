import type { Answers } from "./answers.ts";
import type { Predictions } from "./predictions.ts";
import { softmax } from "./softmax.ts";

/** A test image and what the model made of it. */
export interface HardImage {
  /** Its place in the test set, from 0. */
  readonly index: number;
  /** Where it came from, as far as that is known. */
  readonly file?: string;
  readonly label: string;
  readonly answer: string;
  readonly isRight: boolean;
  /** The probability of the answer, at the model's temperature: what `predict` says. */
  readonly confidence: number;
  /** The same of the label. */
  readonly labelProbability: number;
  /** The label's logit minus the largest of the others: negative where the answer is wrong. */
  readonly margin: number;
  /** The member of the family under which this was answered; the identity's name for the image as it is. */
  readonly member: string;
}

export interface HardestImages {
  /** As they are, the lowest margin first: those that are wrong with the most confidence. */
  readonly clean: readonly HardImage[];
  /** Those that are right as they are, by the lowest margin under any member: what breaks them, and how thoroughly. */
  readonly broken: readonly HardImage[];
}

interface Listing {
  readonly nameOf: (index: number) => string;
  /** Of each list, at most. */
  readonly count: number;
  /** Places of the samples in the test set, [N]. */
  readonly indices?: readonly number[];
  /** By which logits are divided before they become probabilities (default 1). */
  readonly temperature?: number;
}

/** The images with the lowest margins, ties in the order of the test set. */
export function hardestImages(
  predictions: Predictions,
  answers: { readonly clean: Answers; readonly worstCase: Answers },
  listing: Listing,
): HardestImages {
  const { count } = listing;
  const { labels } = predictions;
  const all = Array.from(labels, (_, i) => i);
  const isRight = (i: number) => answers.clean.classes[i] === labels[i];
  const lowest = ({ margins, classes }: Answers, among: readonly number[]) =>
    [...among]
      .sort(
        (a, b) =>
          margins[a] - margins[b] ||
          // At a margin of 0 some are right by the order of the classes.
          Number(classes[a] === labels[a]) - Number(classes[b] === labels[b]) ||
          a - b,
      )
      .slice(0, count);
  return {
    clean: lowest(answers.clean, all).map((i) => describe(predictions, answers.clean, listing, i)),
    broken: lowest(answers.worstCase, all.filter(isRight)).map((i) =>
      describe(predictions, answers.worstCase, listing, i),
    ),
  };
}

function describe(
  { logits, labels, classes, memberNames, files }: Predictions,
  answers: Answers,
  { nameOf, indices, temperature }: Listing,
  i: number,
): HardImage {
  const [answer, member, label] = [answers.classes[i], answers.members[i], labels[i]];
  const probabilities = softmax(logits[member].subarray(i * classes, (i + 1) * classes), temperature);
  return {
    index: indices?.[i] ?? i,
    ...(files && { file: files[i] }),
    label: nameOf(label),
    answer: nameOf(answer),
    isRight: answer === label,
    confidence: probabilities[answer],
    labelProbability: probabilities[label],
    margin: answers.margins[i],
    member: memberNames[member],
  };
}
