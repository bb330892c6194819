import type { CalibrationScores, ClassReport, Scores } from "../../evaluate/index.ts";
import type { OnNote } from "../../tensor/index.ts";
import type { PreprocessingOptions } from "../preprocessing-options.ts";

/** What a classifier is written as. */
export const exportFormats = ["tfjs", "teachable-machine", "onnx", "card"] as const;

export type ExportFormat = (typeof exportFormats)[number];

/** What of the result of `evaluate` a card shows. */
export interface CardResults extends Pick<
  Scores,
  "samples" | "cleanAccuracy" | "robustAccuracy" | "invarianceScore"
> {
  readonly perClass: Pick<ClassReport, "classes" | "confusion" | "mistakes">;
  readonly calibration?: CalibrationScores;
  readonly manifest: {
    readonly config: Readonly<Record<string, unknown>>;
    readonly data: { readonly name: string; readonly sha256: string };
    readonly model: { readonly name: string; readonly sha256: string };
  };
}

/** Options of `exportClassifier`. */
export interface ExportOptions extends PreprocessingOptions {
  /**
   * "tfjs": a folder that TensorFlow.js loads as a layers model. "teachable-machine": a zip for Teachable Machine's library, and
   * what else takes its models. "onnx": an ONNX file. "card": a model card in Markdown, for beside the model's file.
   */
  to: ExportFormat;
  /** For "onnx": large kernels are stored in half precision, computed with in single precision (default false). */
  float16?: boolean;
  /** For "card": what `evaluate` gave for the model on test images (default: none). */
  results?: CardResults;
  /** Name of the logits (default: as `loadClassifier` finds them). */
  output?: string;
  /** Names of the classes, in the order of the logits (default: what the model says). */
  classNames?: readonly string[];
  /** One image, [C, H, W] (default: what the model says). */
  imageShape?: readonly [channels: number, height: number, width: number];
  /** Gets what a user should know, a sentence each (default: a line on stderr). */
  onNote?: OnNote;
}
