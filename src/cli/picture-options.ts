/** The options that say how picture files become images: their own words for each command, one meaning. */
import type { Command } from "commander";
import { type LoadOptions, loadTable } from "../data/index.ts";
import { tableOptionIfGiven } from "./table-option.ts";

const rules = ["resize", "cropShare", "interpolation", "exif", "transformBeforeCrop"] as const;

export interface PictureFlags extends Pick<LoadOptions, (typeof rules)[number]> {
  readonly imageSize?: readonly [height: number, width: number];
  readonly channels?: "1" | "3";
}

/** Those by what rule pictures come to their size. */
export function addPictureRules(command: Command): Command {
  for (const name of rules) command.addOption(tableOptionIfGiven(loadTable[name]));
  return command.option("--no-transform-before-crop", "they see the images as they are cut");
}

/** What the flags say, and nothing else that a command has. */
export const pictureOptions = (
  flags: PictureFlags,
): Pick<LoadOptions, "size" | "channels" | (typeof rules)[number]> => ({
  size: flags.imageSize,
  channels: flags.channels && (Number(flags.channels) as 1 | 3),
  resize: flags.resize,
  cropShare: flags.cropShare,
  interpolation: flags.interpolation,
  exif: flags.exif,
  transformBeforeCrop: flags.transformBeforeCrop,
});
