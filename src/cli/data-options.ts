import { type Command, InvalidArgumentError, Option } from "commander";
import { type ImageSource, type LoadOptions, type Split, openData, sample } from "../data/index.ts";
import type { TakenImages } from "../tensor/index.ts";
import { imageSize, wholeNumber } from "./parse-number.ts";
import { type PictureFlags, addPictureRules, pictureOptions } from "./picture-options.ts";

/** The options that say which images to use. */
export interface DataFlags extends PictureFlags {
  readonly data: string;
  readonly limit?: number;
  /** The path of a file. */
  readonly labels?: string;
  readonly labelColumns?: readonly [image: string, label: string];
}

export function addDataOptions(command: Command): Command {
  command
    .option(
      "--data <name|dir>",
      "mnist, cifar10, a folder of IDX files or of CIFAR-10's batches, or one of class folders",
      "mnist",
    )
    .option("--limit <n>", "use only n images, drawn from all classes (default: all)", wholeNumber(1))
    .option("--image-size <pixels>", "bring images of a folder to 32, or 32x48 (height x width)", imageSize)
    .option("--labels <file>", "CSV or JSON with each image's class, for a folder of images")
    .option(
      "--label-columns <names>",
      "its columns of images and of classes, as id,breed (default: found by name)",
      twoNames,
    )
    .addOption(new Option("--channels <n>", "read images of a folder as grey or colour").choices(["1", "3"]));
  return addPictureRules(command);
}

/**
 * The images, of a folder as a model takes them where the flags do not say otherwise; those of a limit are a stratified sample by
 * seed 0, the same whatever a run's own seed, and its notes say how many of each class.
 *
 * @throws DataError, UsageError as `openData` does
 */
export const readData = async (flags: DataFlags, split: Split, like?: TakenImages): Promise<ImageSource> =>
  limited(await readWhole(flags, split, like), flags.limit);

/** The same without the limit. */
export const readWhole = (flags: DataFlags, split: Split, like?: TakenImages): Promise<ImageSource> =>
  openData(flags.data, split, { ...loadOptions(flags), like });

/** The options that say how a folder is read. */
export const loadOptions = (flags: DataFlags): LoadOptions => ({
  ...pictureOptions(flags),
  labels: flags.labels,
  labelColumns: flags.labelColumns,
});

function twoNames(text: string): readonly [string, string] {
  const [image, label, ...more] = text.split(",");
  if (image && label && more.length === 0) return [image, label];
  throw new InvalidArgumentError("Give the column of images and that of classes, as in id,breed.");
}

export const limited = (data: ImageSource, limit: number | undefined): ImageSource =>
  limit === undefined ? data : sample(data, limit);
