import { type Command, Option } from "commander";
import { type ImageSource, type Split, loadTable, openData, sample } from "../data/index.ts";
import type { Exif, Interpolation, Resize, TakenImages } from "../tensor/index.ts";
import { imageSize, wholeNumber } from "./parse-number.ts";
import { tableOptionIfGiven } from "./table-option.ts";

/** The options that say which images to use. */
export interface DataFlags {
  readonly data: string;
  readonly limit?: number;
  readonly imageSize?: readonly [height: number, width: number];
  readonly channels?: "1" | "3";
  readonly resize?: Resize;
  readonly cropShare?: number;
  readonly interpolation?: Interpolation;
  readonly exif?: Exif;
}

export const addDataOptions = (command: Command): Command =>
  command
    .option(
      "--data <name|dir>",
      "mnist, cifar10, a folder of IDX files or of CIFAR-10's batches, or one of class folders",
      "mnist",
    )
    .option("--limit <n>", "use only n images, drawn from all classes (default: all)", wholeNumber(1))
    .option("--image-size <pixels>", "bring images of a folder to 32, or 32x48 (height x width)", imageSize)
    .addOption(new Option("--channels <n>", "read images of a folder as grey or colour").choices(["1", "3"]))
    .addOption(tableOptionIfGiven(loadTable.resize))
    .addOption(tableOptionIfGiven(loadTable.cropShare))
    .addOption(tableOptionIfGiven(loadTable.interpolation))
    .addOption(tableOptionIfGiven(loadTable.exif));

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
  openData(flags.data, split, {
    size: flags.imageSize,
    channels: flags.channels && (Number(flags.channels) as 1 | 3),
    resize: flags.resize,
    cropShare: flags.cropShare,
    interpolation: flags.interpolation,
    exif: flags.exif,
    like,
  });

export const limited = (data: ImageSource, limit: number | undefined): ImageSource =>
  limit === undefined ? data : sample(data, limit);
