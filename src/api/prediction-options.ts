import type { Transforms } from "../augment/index.ts";
import type { ImageFolderOptions } from "../data/index.ts";
import type { ClassifierOptions } from "../runtime/index.ts";
import type { OnNote, PictureRule } from "../tensor/index.ts";
import type { ClassMap } from "./match-classes.ts";
import type { PreprocessingOptions } from "./preprocessing-options.ts";

/** Options of `predict`. */
export interface PredictionOptions
  extends
    PreprocessingOptions,
    Pick<ClassifierOptions, "output" | "executionProvider" | "threads">,
    Pick<ImageFolderOptions, "size" | "channels" | keyof PictureRule> {
  /**
   * The family under whose views an answer is stable or not, or a specification of one that needs no module; null for no views,
   * and no stability (default: that which the model was trained for, where it says so, else `rotation()`).
   */
  transforms?: Transforms | null;
  /**
   * The model's class names in the order of the logits; or by the name that is to be given the index of a logit, or the model's
   * name of the class (default: the model's own names).
   */
  classMap?: ClassMap;
  /** Pictures predicted at a time (default: 50, or fewer where so many have more than 8 MiB). */
  batchSize?: number;
  /** Called after each batch with the pictures answered so far, of how many. */
  onProgress?: (done: number, total: number) => void;
  /** Stops between two batches; `predict` then throws the signal's reason. */
  signal?: AbortSignal;
  /** Called with what a user should know, as soon as it is known (default: a line on stderr). */
  onNote?: OnNote;
}
