import type { GraphBuilder, Value } from "../onnx/index.ts";
import type { Definable, Definition } from "../options/index.ts";

/** A training method, named by its parts; the objective and the trainer never ask which one they have. */
export interface Method extends Definition<"method"> {
  /** In words; the paper's name where it has one. */
  readonly title: string;
  /**
   * What each step sees beside the clean images: nothing, a member of the family drawn per sample (never the
   * identity), or the member with the largest loss (the identity included).
   */
  readonly views: "none" | "random" | "worst-case";
  /** Whether λ·R(f(x), f(a(x))) is added. */
  readonly isRegularized: boolean;
  /**
   * What a step minimises, a scalar; left out, it is the sum of the terms: clean + view + λ·alignment.
   */
  loss?(g: GraphBuilder, terms: MethodTerms): Value;
}

/** What a method of one's own makes its loss of. */
export interface MethodTerms {
  /** Of the clean images and of their views: the loss of each sample, [N]; null without views. */
  readonly cleanLosses: Value;
  readonly viewLosses: Value | null;
  /** The regularizer's value for each sample, [N]; null where the method is not regularized. */
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
