import type { Transforms } from "../augment/index.ts";
import type { CacheProgress } from "../features/index.ts";
import type { InvarianceOptions, PredictOptions, RangeSearchOptions } from "../evaluate/index.ts";
import type { ClassifierOptions } from "../runtime/index.ts";
import type { OnNote } from "../tensor/index.ts";
import type { ClassMap } from "./match-classes.ts";
import type { PreprocessingOptions } from "./preprocessing-options.ts";

/** Options of `evaluate`. */
export interface EvaluateOptions
  extends
    PredictOptions,
    PreprocessingOptions,
    RangeSearchOptions,
    Pick<InvarianceOptions, "distance">,
    Pick<ClassifierOptions, "output" | "executionProvider" | "threads"> {
  /**
   * The tensor that the invariance score compares, flattened for each image (default: the logits). Any tensor of the
   * model with one row per image can be named; every other score is of the logits.
   */
  embedding?: string;
  /**
   * Which logit is which class of the data: the model's class names in the order of the logits; or by the data's class
   * the index of a logit, or the model's name of the class (default: by name, else by order).
   */
  classMap?: ClassMap;
  /** The family of shifts to test under (default `rotation()`), or a specification of one that needs no module. */
  transforms?: Transforms;
  /**
   * A folder that keeps what is computed before the model's head, or before its last layer where it has no new head: a test
   * of another model with the same part before it, or of other shifts, computes what is missing. Scores are the same within
   * rounding.
   */
  cache?: string;
  /** The most that the cache may take, in GB (default 20). */
  cacheLimit?: number;
  /**
   * Processes that a search of a range is shared among, each with a session of its own and the images that it is given; `threads`
   * is then of each (default: the cores by the jobs). A small network on few cores is searched faster so. Left out, this process searches alone.
   */
  jobs?: number;
  /** Images listed with the lowest margin, as they are and in the worst case (default 20). */
  hardest?: number;
  /** Seed of the bootstrap intervals (default 0). */
  seed?: number;
  /** Called while the cache is filled. */
  onCacheProgress?: (progress: CacheProgress) => void;
  /** Stops the test between two batches; `evaluate` then throws the signal's reason. */
  signal?: AbortSignal;
  /** Called with each of the result's notes as soon as it is known (default: a line on stderr). */
  onNote?: OnNote;
  /** The command line, for the manifest. */
  command?: string;
}
