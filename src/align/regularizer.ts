import type { GraphBuilder, Value } from "../onnx/index.ts";
import type { Definable, Definition } from "../options/index.ts";
import type { Critic } from "./critic.ts";

/**
 * An alignment regularizer R(z, z′): how far the representations of two views of the same images are apart. What it
 * compares, and what it gives, goes by its `kind`.
 */
export type Regularizer = PairsRegularizer | LossesRegularizer | BatchRegularizer;

/** What `defineRegularizer` takes: a regularizer, whose members with defaults may be left out. */
export type RegularizerDefinition = PairsDefinition | LossesDefinition | BatchDefinition;

/** What every kind has. */
interface RegularizerBase extends Definition<"regularizer"> {
  /** In words, e.g. "squared l2". */
  readonly title: string;
  /** The paper's letter for it in its tables; null for those beyond the paper. */
  readonly letter: string | null;
}

/** Compares the representation of each image with that of its view. */
export interface PairsRegularizer extends RegularizerBase {
  readonly kind: "pairs";
  /** "vectors": the representations as they are. "logits": their softmax, so aligning logits and softmax is one. */
  readonly compares: "vectors" | "logits";
  /**
   * What is trained beside the model to tell the two sets of representations apart; null for closed forms.
   */
  readonly critic: Critic | null;
  /**
   * One value per sample, whose mean over the batch is R.
   *
   * @param z       clean representation, [N, K]
   * @param zView   representation of the augmented views, [N, K]; row i comes from the same image
   * @param critic  the critic's parameters, in the order of {@link Critic.parameters}; empty without one
   * @returns       [N]
   */
  distance(g: GraphBuilder, z: Value, zView: Value, critic: readonly Value[]): Value;
  /**
   * The same in plain numbers, for tests: rows of z and of zView to a value for each. Left out, nothing is compared.
   */
  reference?(z: readonly (readonly number[])[], zView: readonly (readonly number[])[]): readonly number[];
}

type Defaulted = "defines" | "kind" | "title" | "letter" | "compares" | "critic";

export type PairsDefinition = Omit<PairsRegularizer, Defaulted> &
  Partial<Pick<PairsRegularizer, Defaulted>> &
  Definable<"regularizer">;

/** Compares the loss of each image with that of its view: it needs labels, and the representation plays no part. */
export interface LossesRegularizer extends RegularizerBase {
  readonly kind: "losses";
  /**
   * One value per sample, whose mean over the batch is R.
   *
   * @param losses      of the clean images, as they are in the classification loss, [N], each ≥ 0
   * @param viewLosses  of their views, [N]
   * @returns           [N]
   */
  distance(g: GraphBuilder, losses: Value, viewLosses: Value): Value;
}

/**
 * A term over the whole batch, which is no mean of values per sample: it depends on which images are in a batch, and on how
 * many. It has no distance of one image, and so no view can be chosen by it.
 */
export interface BatchRegularizer extends RegularizerBase {
  readonly kind: "batch";
  /** As of pairs. */
  readonly compares: "vectors" | "logits";
  /**
   * @param z, zView  representations of a batch and of its views, [N, K]; N may be 1
   * @returns         R, a scalar
   */
  term(g: GraphBuilder, z: Value, zView: Value): Value;
}

type Common = "defines" | "title" | "letter";

export type LossesDefinition = Omit<LossesRegularizer, Common> &
  Partial<Pick<LossesRegularizer, Common>> &
  Definable<"regularizer">;

export type BatchDefinition = Omit<BatchRegularizer, Common | "compares"> &
  Partial<Pick<BatchRegularizer, Common | "compares">> &
  Definable<"regularizer">;

/** What is trained beside the model for it; null where nothing is. */
export const criticOf = (regularizer: Regularizer): Critic | null =>
  regularizer.kind === "pairs" ? regularizer.critic : null;
