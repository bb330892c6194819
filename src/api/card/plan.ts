/** What a snippet needs of a model, with everything decided that the model leaves open. */
import type { GivenOutput } from "../../models/index.ts";
import type { Interpolation, Resize, StatedPictures } from "../../tensor/index.ts";

export interface SnippetPlan {
  /** The ONNX file's name. */
  readonly file: string;
  readonly input: string;
  readonly channelsLast: boolean;
  readonly image: readonly [channels: number, height: number, width: number];
  /** White. */
  readonly range: number;
  readonly isReversed: boolean;
  /** Of each channel in the graph's order; null for none. */
  readonly mean: readonly number[] | null;
  readonly std: readonly number[] | null;
  readonly output: GivenOutput;
  /** Null where nobody has named them, and where they are so many that the snippet reads them from the sidecar. */
  readonly names: readonly string[] | null;
  /** The file to read them from. */
  readonly namesFile: string | null;
  readonly temperature: number;
  readonly resize: Resize;
  readonly interpolation: Interpolation;
  /** Of "crop": the sides of which the image is the middle. */
  readonly whole: readonly [height: number, width: number];
  readonly isUpright: boolean;
}

/** How a rule is followed where it leaves something open: as pictures are read here. */
export function decidedRule({
  resize,
  cropShare = 1,
  interpolation = "bilinear",
  exif = "apply",
}: StatedPictures) {
  return { resize, cropShare, interpolation, isUpright: exif === "apply" };
}
