/** How long a run is where nobody says. */

/** Of a data set as large as MNIST or CIFAR-10; what studies and exported steps take where they say nothing. */
export const usualLength = { epochs: 2, batchSize: 128 } as const;

/** Steps after which a network that begins at random, or a new head, has learnt most of what it will by a constant rate. */
const STEPS = 900;
/** An epoch has so many steps, or more, where the batches can be small enough. */
const STEPS_AN_EPOCH = 10;
const SMALLEST_BATCH = 8;
const MOST_EPOCHS = 100;

export interface RunLength {
  readonly epochs: number;
  readonly batchSize: number;
  /** What was chosen, where it is not the usual length; a sentence. */
  readonly notes: readonly string[];
}

/**
 * Batches of the largest power of two of which an epoch has ten, at most 128 and at least 8; epochs to about 900 steps, at
 * least 2 and at most 100.
 *
 * @param images  that are trained on
 * @param given   what was asked for, which stays
 */
export function runLength(
  images: number,
  given: { readonly epochs?: number; readonly batchSize?: number },
): RunLength {
  const tenth = 2 ** Math.floor(Math.log2(Math.max(1, images / STEPS_AN_EPOCH)));
  const batchSize = given.batchSize ?? Math.min(usualLength.batchSize, Math.max(SMALLEST_BATCH, tenth));
  const stepsAnEpoch = Math.ceil(images / batchSize);
  const epochs =
    given.epochs ?? Math.min(MOST_EPOCHS, Math.max(usualLength.epochs, Math.ceil(STEPS / stepsAnEpoch)));
  const chosen = [
    ...(given.epochs === undefined && epochs !== usualLength.epochs ? ["epochs"] : []),
    ...(given.batchSize === undefined && batchSize !== usualLength.batchSize ? ["batchSize"] : []),
  ];
  if (chosen.length === 0) return { epochs, batchSize, notes: [] };
  const flags = { epochs: "epochs, --epochs", batchSize: "batchSize, --batch-size" };
  const said = chosen.map((name) => flags[name as keyof typeof flags]).join("; ");
  return {
    epochs,
    batchSize,
    notes: [
      `Training takes ${counted(epochs, "epoch")} of ${counted(stepsAnEpoch, "step")} with ${counted(Math.min(batchSize, images), "image")} ` +
        `each, by the number of images, ${images.toLocaleString("en")}; say so for another length (${said}).`,
    ],
  };
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
