import { stopGradient } from "../autodiff/index.ts";
import { type GraphBuilder, ModelError, type Value } from "../onnx/index.ts";
import { int64, sizeOf } from "../tensor/index.ts";
import { correctCount, crossEntropy } from "./cross-entropy.ts";
import type { Method } from "./method.ts";
import type { Regularizer } from "./regularizer.ts";
import { type Selection, cleanAndChosenRows, worstMember } from "./worst-case.ts";

/** What is minimised. */
export interface Objective {
  readonly method: Method;
  readonly regularizer: Regularizer;
  readonly selection: Selection;
  /** The aligned representation: "logits", "softmax", or the name of a tensor of the model (flattened per sample). */
  readonly align: string;
  /** "clean" lets the alignment term move the views only; "none" (the paper) moves both. */
  readonly stopGradient: "none" | "clean";
  /**
   * How the terms are joined. "mean" is the definition: every term a mean over the batch. "alignreg-1.0" is the
   * TensorFlow objective of the paper's Python package: λ weighs the view's cross-entropy too, the alignment term
   * is summed over the batch, and the worst case is taken among the transforms only, not the identity.
   */
  readonly terms: "mean" | "alignreg-1.0";
}

/** The model as the objective sees it: from images to logits and to every named tensor. */
export interface ForwardPass {
  readonly logits: Value;
  named(tensor: string): Value | undefined;
}

export interface ObjectiveInputs {
  /**
   * Method "none": the clean images [N, …]. "random": clean, then drawn views [2N, …]. "worst-case": all members
   * of the family [A·N, …], block 0 the clean images.
   */
  readonly images: Value;
  /** int64 [N] */
  readonly labels: Value;
  /** λ, a scalar. */
  readonly alignmentWeight: Value;
  /** Training mode: batch statistics, dropout. */
  readonly train: (images: Value) => ForwardPass;
  /** Evaluation mode: running statistics, no dropout. */
  readonly evaluate: (images: Value) => ForwardPass;
}

/** Scalars; `null` where the method has no such term. */
export interface ObjectiveTerms {
  readonly loss: Value;
  readonly cleanLoss: Value;
  readonly viewLoss: Value | null;
  readonly alignment: Value | null;
  /** Clean images classified correctly, a count. */
  readonly correct: Value;
  /** Method "worst-case": the rows of the images that train, int64 [2N]; null for the others. */
  readonly rows: Value | null;
}

/** Adds the objective to a graph. The selection pass is left without a gradient, as the choice is an index. */
export function buildObjective(
  g: GraphBuilder,
  objective: Objective,
  inputs: ObjectiveInputs,
): ObjectiveTerms {
  const { method } = objective;
  const { labels, alignmentWeight } = inputs;
  const [samples] = labels.shape;
  const rows = method.views === "worst-case" ? chooseWorst(g, objective, inputs) : null;
  const pass = inputs.train(rows ? g.gather(inputs.images, rows) : inputs.images);
  const halves = (value: Value) =>
    method.views === "none" ? [value] : g.split(value, [samples, samples], 0);

  const [clean, view] = halves(pass.logits);
  const mean = (perSample: Value) => g.mean(perSample, [0]);
  const cleanLoss = mean(crossEntropy(g, clean, labels));
  const correct = correctCount(g, clean, labels);
  if (!view) return { loss: cleanLoss, cleanLoss, viewLoss: null, alignment: null, correct, rows };

  const viewLoss = mean(crossEntropy(g, view, labels));
  if (!method.isRegularized) {
    return { loss: g.add(cleanLoss, viewLoss), cleanLoss, viewLoss, alignment: null, correct, rows };
  }
  const [z, zView] = halves(alignedRepresentation(g, objective.align, pass));
  const anchor = objective.stopGradient === "clean" ? stopGradient(g, z) : z;
  const distances = objective.regularizer.distance(g, anchor, zView, []);
  if (objective.terms === "alignreg-1.0") {
    const alignment = g.sum(distances, [0]);
    const weighed = g.mul(alignmentWeight, g.add(viewLoss, alignment));
    return { loss: g.add(cleanLoss, weighed), cleanLoss, viewLoss, alignment, correct, rows };
  }
  const alignment = mean(distances);
  const loss = g.add(g.add(cleanLoss, viewLoss), g.mul(alignmentWeight, alignment));
  return { loss, cleanLoss, viewLoss, alignment, correct, rows };
}

/** The rows of the clean images and of the worst view of each, found by one evaluation-mode pass. */
function chooseWorst(g: GraphBuilder, { selection, terms }: Objective, inputs: ObjectiveInputs): Value {
  const { images, labels, evaluate } = inputs;
  const [samples] = labels.shape;
  const firstCandidate = terms === "alignreg-1.0" ? 1 : 0;
  const members = images.shape[0] / samples - firstCandidate;
  const candidates =
    firstCandidate === 0
      ? images
      : g.slice(images, [{ axis: 0, start: firstCandidate * samples, end: images.shape[0] }]);
  const repeated = g.reshape(g.expand(labels, [members, samples]), [members * samples]);
  const losses = g.reshape(crossEntropy(g, evaluate(candidates).logits, repeated), [members, samples]);
  const worst = worstMember(g, losses, selection);
  return cleanAndChosenRows(
    g,
    firstCandidate === 0 ? worst : g.add(worst, g.constant(int64([firstCandidate], []))),
  );
}

/** The aligned tensor as [N, K]. */
function alignedRepresentation(g: GraphBuilder, align: string, pass: ForwardPass): Value {
  if (align === "logits") return pass.logits;
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
