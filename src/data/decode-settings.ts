import type { PictureRule } from "../tensor/index.ts";
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
