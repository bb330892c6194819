/** What goes into the files of a form, and what comes out. */
import type { Classifier } from "../../models/index.ts";
import type { StatedPictures } from "../../tensor/index.ts";

export interface ExportedFiles {
  /** By name. "tfjs": those of a folder; "teachable-machine": those of the zip; "onnx": model.onnx. "card": MODEL_CARD.md. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** What a user should know: what was guessed, and what an app does otherwise than the training did, a sentence each. */
  readonly notes: readonly string[];
}

/** What is written: a classifier with all that was stated of it. */
export interface Exportable {
  readonly classifier: Classifier;
  /** One image, [C, H, W]. */
  readonly image: readonly [channels: number, height: number, width: number];
  readonly pictures: StatedPictures | undefined;
  /** What messages call it. */
  readonly title: string;
}

/** The files of a form with layers. */
export interface LayersFiles extends ExportedFiles {
  /** Names of all outputs. */
  readonly labels: readonly string[];
}
