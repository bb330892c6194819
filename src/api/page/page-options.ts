import type { Transforms } from "../../augment/index.ts";
import type { PictureOptions } from "../../data/picture-table.ts";
import type { PageProvider, PageRuntime } from "../../runtime/page-session.ts";
import type { OnNote } from "../../tensor/index.ts";
import type { LoadClassifierOptions } from "../load-classifier-options.ts";
import type { ClassMap } from "../match-classes.ts";

/** Options of `loadClassifier` in a page. */
export interface PageClassifierOptions extends Omit<LoadClassifierOptions, "weights" | "imageShape"> {
  /** ONNX Runtime, as the page imports it: `import * as ort from "onnxruntime-web"`, or another of its bundles. */
  ort: PageRuntime;
  /** Where it runs: "wasm", on the processor (default); or "webgpu", which takes the bundle `onnxruntime-web/webgpu`. */
  executionProvider?: PageProvider;
}

/** Options of `predict` in a page: those of Node's that are about pictures and answers. */
export interface PagePredictionOptions extends PictureOptions {
  /**
   * The family under whose views an answer is stable or not, or a specification of one; null for no views, and no stability
   * (default: that which the model was trained for, where it says so, else `rotation()`).
   */
  transforms?: Transforms | null;
  /**
   * The model's class names in the order of the logits; or by the name that is to be given the index of a logit, or the model's
   * name of the class (default: the model's own names).
   */
  classMap?: ClassMap;
  /** Called after each picture with those answered so far, of how many. */
  onProgress?: (done: number, total: number) => void;
  /** Stops between two pictures; `predict` then throws the signal's reason. */
  signal?: AbortSignal;
  /** Called with what a user should know, as soon as it is known (default: a line on the console). */
  onNote?: OnNote;
}
