/** The alignment term: what is compared, and how far it is apart. */
import { stopGradient } from "../autodiff/index.ts";
import { type GraphBuilder, ModelError, type Value } from "../onnx/index.ts";
import { sizeOf } from "../tensor/index.ts";
import type { ForwardPass } from "./forward-pass.ts";
import type { Regularizer } from "./regularizer.ts";

/** What of an objective says what is compared. */
interface Compared {
  readonly regularizer: Regularizer;
  readonly align: string;
  readonly stopGradient: "none" | "clean";
}

/** The clean images' representation and that of their views, [N, K]; and the losses of both, [N]. */
export interface Sides {
  readonly z: Value;
  readonly zView: Value;
  readonly losses: Value;
  readonly viewLosses: Value;
  /** The critic's parameters; empty without one. */
  readonly critic: readonly Value[];
}

/** What a regularizer makes of the two sides: of a term over the batch a scalar, else a value for each sample, [N]. */
export function alignmentOf(
  g: GraphBuilder,
  { regularizer, stopGradient: stopped }: Pick<Compared, "regularizer" | "stopGradient">,
  { z, zView, losses, viewLosses, critic }: Sides,
): Value {
  const anchored = (value: Value) => (stopped === "clean" ? stopGradient(g, value) : value);
  switch (regularizer.kind) {
    case "pairs":
      return regularizer.distance(g, anchored(z), zView, critic);
    case "losses":
      return regularizer.distance(g, anchored(losses), viewLosses);
    case "batch":
      return regularizer.term(g, anchored(z), zView);
  }
}

/** The aligned tensor as [N, K]. */
export function alignedRepresentation(
  g: GraphBuilder,
  { align, regularizer }: Pick<Compared, "align" | "regularizer">,
  pass: ForwardPass,
): Value {
  const isOfLogits = regularizer.kind === "losses" || regularizer.compares === "logits";
  if (align === "logits" || (align === "softmax" && isOfLogits)) return pass.logits;
  if (align === "softmax") return g.op1("Softmax", [pass.logits], { axis: 1 });
  const value = pass.named(align);
  if (!value) {
    throw new ModelError(
      `The model has no tensor "${align}" to align. Use "logits", "softmax" or a tensor's name.`,
    );
  }
  if (value.shape[0] !== pass.logits.shape[0]) {
    throw new ModelError(`Tensor "${align}" has shape [${value.shape}]; its first axis must be the batch.`);
  }
  return g.reshape(value, [value.shape[0], sizeOf(value.shape.slice(1))]);
}
