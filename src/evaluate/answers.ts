import type { Predictions } from "./predictions.ts";

/** What a classifier answered about each image, and how clearly. */
export interface Answers {
  /** The class with the largest logit, the lower index at a tie, [N]. */
  readonly classes: Int32Array;
  /** The label's logit minus the largest of the others, [N]: negative where the answer is wrong; 0 where there is one class. */
  readonly margins: Float64Array;
  /** Index of the member under which it was answered, [N]. */
  readonly members: Uint32Array;
}

/**
 * The answers for the images as they are, and those in the worst case: under the member with the lowest margin, the
 * earlier one at ties. The worst case is right exactly where the answer under every member is.
 *
 * @param predictions  that `checkPredictions` accepts
 */
export function answersOf(predictions: Predictions): {
  readonly clean: Answers;
  readonly worstCase: Answers;
} {
  const { logits, labels } = predictions;
  const clean = underMember(predictions, 0);
  const worstCase = {
    classes: clean.classes.slice(),
    margins: clean.margins.slice(),
    members: clean.members.slice(),
  };
  for (let member = 1; member < logits.length; member++) {
    const { classes, margins } = underMember(predictions, member);
    for (let i = 0; i < labels.length; i++) {
      // A margin of 0 is right or wrong by the order of the classes.
      const turnsWrong = classes[i] !== labels[i] && worstCase.classes[i] === labels[i];
      const isLower = margins[i] < worstCase.margins[i];
      const turnsRight = classes[i] === labels[i] && worstCase.classes[i] !== labels[i];
      if (turnsWrong || (isLower && !turnsRight)) {
        worstCase.classes[i] = classes[i];
        worstCase.margins[i] = margins[i];
        worstCase.members[i] = member;
      }
    }
  }
  return { clean, worstCase };
}

function underMember({ logits, labels, classes: count }: Predictions, member: number): Answers {
  const rows = logits[member];
  const classes = new Int32Array(labels.length);
  const margins = new Float64Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    const row = i * count;
    let best = 0;
    let other = -Infinity;
    for (let k = 0; k < count; k++) {
      const value = rows[row + k];
      if (value > rows[row + best]) best = k;
      if (k !== labels[i] && value > other) other = value;
    }
    classes[i] = best;
    margins[i] = count === 1 ? 0 : rows[row + labels[i]] - other;
  }
  return { classes, margins, members: new Uint32Array(labels.length).fill(member) };
}
