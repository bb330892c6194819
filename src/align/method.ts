import type { GraphBuilder, Value } from "../onnx/index.ts";
import type { Definable, Definition } from "../options/index.ts";

/** A training method, named by its parts; the objective and the trainer never ask which one they have. */
export interface Method extends Definition<"method"> {
  /** In words; the paper's name where it has one. */
  readonly title: string;
  /**
   * What each step sees beside the clean images: nothing, a member of the family drawn per sample (never the
   * identity), the member with the largest loss (the identity included), or two mixtures of operations (AugMix's).
   */
  readonly views: "none" | "random" | "worst-case" | "mixes";
  /** Whether λ·R(f(x), f(a(x))) is added. Views "mixes" have a term of their own, whose weight λ is. */
  readonly isRegularized: boolean;
  /**
   * What a step minimises, a scalar; left out, it is the sum of the terms: clean + view + λ·alignment.
   */
  loss?(g: GraphBuilder, terms: MethodTerms): Value;
}

/** What a method of one's own makes its loss of. */
export interface MethodTerms {
  /** Of the clean images and of their views: the loss of each sample, [N]; null without views, and of mixtures. */
  readonly cleanLosses: Value;
  readonly viewLosses: Value | null;
  /**
   * The regularizer's value for each sample, [N], or the consistency of its mixtures; null where the method has neither. A
   * term over the batch is the same for all.
   */
  readonly distances: Value | null;
  /** λ, a scalar. */
  readonly alignmentWeight: Value;
  /** int64 [N] */
  readonly labels: Value;
  /** From [N] to a scalar; of losses the mean that class weights ask for. */
  readonly mean: (losses: Value) => Value;
}

/** What `defineMethod` takes: a method, whose members with defaults may be left out. */
export type MethodDefinition = Pick<Method, "views" | "loss"> &
  Partial<Pick<Method, "title" | "isRegularized">> &
  Definable<"method">;

/** Whether its loss has a term that λ weighs, unless it makes its loss itself. */
export const isAligned = ({ isRegularized, views }: Pick<Method, "isRegularized" | "views">): boolean =>
  isRegularized || views === "mixes";
