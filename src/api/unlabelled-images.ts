/** Images without a label in training: which they are, and whether the net comes to answer all of them alike. */
import type { ImageSource } from "../data/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { MetricsLine } from "../train/index.ts";

export interface UnlabelledImages {
  /** Their places in the source. */
  readonly indices: readonly number[];
  readonly notes: readonly string[];
}

/** @throws UsageError where there are none */
export function unlabelledImages({ name, labels }: ImageSource, ratio: number): UnlabelledImages {
  const indices = Array.from(labels.keys()).filter((i) => labels[i] < 0);
  if (indices.length === 0) {
    throw new UsageError(
      `unlabelledRatio ${ratio}: every image of ${name} has a label. Give images with the label -1, or in a folder unlabelled/ ` +
        `beside those of the classes; or leave unlabelledRatio out.`,
    );
  }
  return {
    indices,
    notes: [
      `${name}: ${indices.length} of ${labels.length} images have no label (-1) and take part in the alignment term alone, ${ratio} ` +
        `in a step for each image with a label (unlabelledRatio).`,
    ],
  };
}

/** Below this share of what it was at first the logits' spread has fallen to nothing. */
const COLLAPSED = 0.02;

/** That the net gives all images without a label the same answer, a sentence; none where it does not. */
export function collapseDoubts(history: readonly MetricsLine[]): string[] {
  const spreads = history.filter(({ kind }) => kind === "epoch").map(({ spread = 0 }) => spread);
  const [last, largest] = [spreads.at(-1), Math.max(...spreads)];
  if (last === undefined || last > Math.max(1e-3, COLLAPSED * largest)) return [];
  return [
    `The logits of the images without a label have become all but the same: their spread is ${last.toPrecision(2)} in the last epoch` +
      `${largest > last ? `, and was ${largest.toPrecision(2)}` : ""}. The alignment term is then small and says nothing. Lower the alignment weight ` +
      `(alignmentWeight) or unlabelledRatio, or give more labels.`,
  ];
}
