/** Images that a training holds out: options, and reading its parts and those of a test. */
import { type Command, InvalidArgumentError } from "commander";
import {
  type HeldOut,
  type ImageSource,
  type Split,
  dataSplits,
  heldOutOf,
  heldOutPart,
  splitSource,
} from "../data/index.ts";
import { type TakenImages, UsageError } from "../tensor/index.ts";
import { type DataFlags, limited, loadOptions, readData, readWhole } from "./data-options.ts";
import { numberIn, wholeNumber } from "./parse-number.ts";

/** The options that say what of the training images is held out. */
export interface SplitFlags extends DataFlags {
  /** A share; false where images for validation that are there are not to be used. */
  readonly validation?: number | false;
  readonly test?: number;
  readonly splitSeed: number;
}

export const addSplitOptions = (command: Command): Command =>
  command
    .option(
      "--validation <share>",
      "hold that share of each class out, as 0.2, to choose the best epoch by",
      share,
    )
    .option("--no-validation", "use no images for validation, not a folder's val/ either")
    .option("--test <share>", "hold that share of each class out, as 0.2, for alignreg evaluate", share)
    .option("--split-seed <n>", "other seeds hold other images out", wholeNumber(0), 0);

function share(text: string): number {
  const value = numberIn(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError("Give a share between 0 and 1, as in 0.2.");
}

export interface TrainingData {
  readonly train: ImageSource;
  readonly validation?: ImageSource;
  /** Null where nothing is. */
  readonly heldOut: HeldOut | null;
}

/**
 * What is trained on and what is held out. Images for validation that the data set has are read where no share is asked for, as
 * those of the training are.
 *
 * @param like  which images the model takes, where that is known
 * @throws UsageError where a share is asked for and the data set has such a split already
 */
export async function readTrainingData(flags: SplitFlags, like?: TakenImages): Promise<TrainingData> {
  const { test = 0 } = flags;
  const splits = await dataSplits(flags.data, loadOptions(flags));
  for (const name of ["validation", "test"] as const) {
    if (typeof flags[name] === "number" && splits.includes(name)) {
      throw new UsageError(
        `${flags.data} has images for ${name === "test" ? "the test" : name} already. Leave --${name} out` +
          (name === "test" ? `, or give the folder of its training images alone.` : `: they are used.`),
      );
    }
  }
  const whole = await readData(flags, "train", like);
  const alike = { imageShape: whole.shape, ...(whole.pictures && { pictures: whole.pictures }) };
  const share = flags.validation === false ? 0 : (flags.validation ?? 0);
  const parts = await splitSource(whole, { validation: share, test, seed: flags.splitSeed });
  const isThere = splits.includes("validation") && flags.validation !== false;
  const validation = isThere ? await readData(flags, "validation", alike) : parts.validation;
  const isDivided = share + test > 0;
  return {
    train: parts.train,
    ...(validation && { validation }),
    heldOut: isDivided ? await heldOutOf(whole, parts) : null,
  };
}

/**
 * The images of a test. Of the data that the model's training divided these are the ones that it held out, not those that it was
 * trained on.
 *
 * @param heldOut  what the model says; null where it does not
 */
export async function readTestData(
  flags: DataFlags,
  split: Split,
  heldOut: HeldOut | null,
  like?: TakenImages,
): Promise<ImageSource> {
  if (heldOut === null) return readData(flags, split, like);
  const splits = await dataSplits(flags.data, loadOptions(flags));
  if (split !== "train" && splits.includes(split)) return readData(flags, split, like);
  if (splits.length > 0 && !splits.includes("train")) return readData(flags, split, like);
  const whole = await readWhole(flags, "train", like);
  const part = await heldOutPart(whole, heldOut, split);
  if (part) return limited(part, flags.limit);
  return splits.length === 0 || split === "train"
    ? limited(whole, flags.limit)
    : readData(flags, split, like);
}
