import type { PictureRule } from "../tensor/index.ts";
import { surroundingSize } from "./arrange.ts";
import type { Channels } from "./planar.ts";

/**
 * What becomes of a file's image on its way to pixels: the same for all files of a data set, whose hash it enters as it is, so
 * a setting that changes pixels belongs here.
 */
export interface DecodeSettings extends PictureRule {
  readonly height: number;
  readonly width: number;
  readonly channels: Channels;
}

/** The shape of one image. */
export const imageShapeOf = ({ channels, height, width }: DecodeSettings) =>
  [channels, height, width] as const;

/** The shape of what is decoded of a file: the image with what lies around it, where transforms are to see that. */
export function decodedShapeOf({ channels, ...settings }: DecodeSettings) {
  const { height, width } = surroundingSize(settings, settings);
  return [channels, height, width] as const;
}
