import { stopGradient } from "../autodiff/index.ts";
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { ShapeError, int64 } from "../tensor/index.ts";
import { alignedRepresentation, alignmentOf } from "./alignment.ts";
import { type ClassificationLoss, classificationLosses, classificationMean } from "./classification-loss.ts";
import { consistency } from "./consistency.ts";
import { correctCount, crossEntropy } from "./cross-entropy.ts";
import type { ForwardPass } from "./forward-pass.ts";
import { hardestRows } from "./hardest.ts";
import type { Method, MethodTerms } from "./method.ts";
import type { Regularizer } from "./regularizer.ts";
import { labelled, spreadOfUnlabelled } from "./unlabelled.ts";
import { type Selection, cleanAndChosenRows, worstMember } from "./worst-case.ts";

/** By what the worst member is chosen: its cross-entropy, or its alignment distance from the clean image. */
export type Criterion = "loss" | "distance";

/** What is minimised. */
export interface Objective {
  readonly method: Method;
  readonly regularizer: Regularizer;
  readonly selection: Selection;
  /** Methods of the worst case: the criterion of the view in the classification loss ("loss" in the paper). */
  readonly selectBy: Criterion;
  /** The criterion of the view in the alignment term. Where the two differ, a step trains on both views. */
  readonly alignSelectBy: Criterion;
  /** The aligned representation: "logits", "softmax", or the name of a tensor of the model (flattened per sample). */
  readonly align: string;
  /** "clean" lets the alignment term move the views only; "none" (the paper) moves both. */
  readonly stopGradient: "none" | "clean";
  /**
   * How the terms are joined. "mean" is the definition: every term a mean over the batch. "alignreg-1.0" is the
   * TensorFlow objective of the paper's Python package, see {@link packageObjective}.
   */
  readonly terms: "mean" | "alignreg-1.0";
  /**
   * The share of a batch that trains, in (0, 1]: the samples with the largest loss of the chosen view (without views, of the
   * clean image). All terms are then over these, the clean one too (default: 1).
   */
  readonly hardest?: number;
  /**
   * Whether labels may be −1, of images without one: they have no cross-entropy, their worst view is the farthest, and the
   * cross-entropies are means over the others, 0 where there are none (default: every image has a label).
   */
  readonly unlabelled?: boolean;
  /** What both cross-entropies are, and the losses that the worst view is chosen by (default: plain ones). */
  readonly classification?: ClassificationLoss;
}

export interface ObjectiveInputs {
  /**
   * Method "none": the clean images [N, …]. "random": clean, then drawn views [2N, …]. "worst-case": all members
   * of the family [A·N, …], block 0 the clean images. "mixes": clean, then two mixtures of each [3N, …].
   */
  readonly images: Value;
  /** int64 [N] */
  readonly labels: Value;
  /** Where images may have no label: bool [N]. `buildObjective` fills it in. */
  readonly isLabelled?: Value;
  /** λ, a scalar. */
  readonly alignmentWeight: Value;
  /** Training mode: batch statistics, dropout. */
  readonly train: (images: Value) => ForwardPass;
  /**
   * Evaluation mode: running statistics, no dropout. Once in a step for the selection, and once for terms of the loss
   * where they are taken in this mode. The preset calls it after `train`, and gets the statistics that this has moved.
   */
  readonly evaluate: (images: Value, use: "selection" | "terms") => ForwardPass;
  /** Whether the model is another function of an image in training mode than in evaluation mode. */
  readonly modesDiffer: boolean;
  /** The critic beside the model, for regularizers that have one. */
  readonly critic: CriticInputs | null;
}

/** A critic in a step's graph. */
export interface CriticInputs {
  /** Its parameters as the last step left them. */
  readonly parameters: readonly Value[];
  /** Adds its updates on these representations, both without a gradient; the parameters after them. */
  train(z: Value, zView: Value): readonly Value[];
}

/** Scalars; `null` where the method has no such term. */
export interface ObjectiveTerms {
  readonly loss: Value;
  readonly cleanLoss: Value;
  readonly viewLoss: Value | null;
  readonly alignment: Value | null;
  /** Of images without a label, where there may be such: how far their logits are spread. */
  readonly spread?: Value | null;
  /** Clean images classified correctly, a count; those without a label are none. */
  readonly correct: Value;
  /** Method "worst-case": the rows of the images that train, int64 [2N] or [3N]; null for the others. */
  readonly rows: Value | null;
}

/** Adds the objective to a graph. The selection pass is left without a gradient, as the choice is an index. */
export function buildObjective(
  g: GraphBuilder,
  objective: Objective,
  given: ObjectiveInputs,
): ObjectiveTerms {
  const inputs = objective.unlabelled ? { ...given, ...labelled(g, given.labels) } : given;
  if (objective.terms === "alignreg-1.0") return packageObjective(g, objective, inputs);
  const { method, classification, hardest = 1 } = objective;
  const { labels, alignmentWeight, isLabelled } = inputs;
  const [samples] = labels.shape;
  const rows = method.views === "worst-case" ? chooseWorst(g, objective, inputs) : null;
  const images = rows ? g.gather(inputs.images, rows) : inputs.images;
  const pass = inputs.train(images);
  const blocks = images.shape[0] / samples;
  const split = (value: Value) => g.split(value, Array<number>(blocks).fill(samples), 0);

  const logits = split(pass.logits);
  const [clean, view] = logits;
  const lossesOf = (of: Value) => lossesFor(g, objective, of, labels, isLabelled);
  const allCleanLosses = lossesOf(clean);
  const allViewLosses = view && method.views !== "mixes" ? lossesOf(view) : null;
  const kept = hardest < 1 ? hardestRows(g, allViewLosses ?? allCleanLosses, hardest) : null;
  const take = (value: Value) => (kept ? g.gather(value, kept) : value);

  const counted = isLabelled ? take(isLabelled) : null;
  const mean = (losses: Value) =>
    classificationMean(g, losses, take(labels), classification, clean.shape[1], counted);
  const cleanLosses = take(allCleanLosses);
  const viewLosses = allViewLosses && take(allViewLosses);
  const { distances, alignment } = alignmentTerm();
  const terms: Terms = { cleanLoss: mean(cleanLosses), viewLoss: viewLosses && mean(viewLosses), alignment };
  const spread = isLabelled ? spreadOfUnlabelled(g, clean, isLabelled) : null;
  const loss = method.loss
    ? ownLoss(g, method, {
        ...{ cleanLosses, viewLosses, distances, alignmentWeight, mean },
        labels: take(labels),
      })
    : sumOf(g, terms, alignmentWeight);
  return { loss, ...terms, correct: correctCount(g, clean, given.labels), rows, spread };

  /** Of each sample, and of the batch. */
  function alignmentTerm(): { readonly distances: Value | null; readonly alignment: Value | null } {
    if (method.views === "mixes") return averaged(take(consistency(g, logits)));
    if (!method.isRegularized) return { distances: null, alignment: null };
    // With three blocks the last is the view of the alignment term.
    const last = blocks - 1;
    const representations = split(alignedRepresentation(g, objective, pass));
    const [z, zView] = [representations[0], representations[last]];
    const critic = inputs.critic?.train(stopGradient(g, z), stopGradient(g, zView)) ?? [];
    const losses = {
      losses: allCleanLosses,
      viewLosses: last === 1 ? allViewLosses! : lossesOf(logits[last]),
    };
    if (objective.regularizer.kind !== "batch")
      return averaged(take(alignmentOf(g, objective, { z, zView, ...losses, critic })));
    const term = alignmentOf(g, objective, { z: take(z), zView: take(zView), ...losses, critic });
    return { distances: g.expand(term, cleanLosses.shape), alignment: term };
  }

  function averaged(distances: Value) {
    return { distances, alignment: g.mean(distances, [0]) };
  }
}

type Terms = Pick<ObjectiveTerms, "cleanLoss" | "viewLoss" | "alignment">;

/** clean + view + λ·alignment, of which there are. */
function sumOf(g: GraphBuilder, { cleanLoss, viewLoss, alignment }: Terms, alignmentWeight: Value): Value {
  const losses = viewLoss ? g.add(cleanLoss, viewLoss) : cleanLoss;
  return alignment ? g.add(losses, g.mul(alignmentWeight, alignment)) : losses;
}

/** @throws ShapeError for a loss that is no scalar */
function ownLoss(g: GraphBuilder, method: Method, terms: MethodTerms): Value {
  const loss = method.loss!(g, terms);
  if (loss.shape.length === 0) return loss;
  throw new ShapeError(
    `The loss of the method "${method.name}" has shape [${loss.shape}]; a scalar is needed. Take its mean: g.mean(…, [0]).`,
  );
}

/**
 * The TensorFlow objective of the paper's Python package, version 1.0:
 *
 *   CE(f(x), y) + λ·(CE(f(a*(x)), y) + Σ ‖f(x) − f(a*(x))‖²)
 *
 * λ weighs the view's cross-entropy too, the distance is summed over the batch, and a* is one of the transforms, never
 * the identity. Only the first term runs in training mode, and before all others: they run in evaluation mode, with the
 * running statistics that it has moved, and with a gradient (which does not flow through the statistics).
 */
function packageObjective(g: GraphBuilder, objective: Objective, inputs: ObjectiveInputs): ObjectiveTerms {
  const { labels, alignmentWeight } = inputs;
  const [samples] = labels.shape;
  const firstRows = (value: Value) => g.slice(value, [{ axis: 0, start: 0, end: samples }]);
  const trained = inputs.modesDiffer ? inputs.train(firstRows(inputs.images)).logits : null;
  const rows = chooseWorst(g, objective, inputs);
  const pass = inputs.evaluate(g.gather(inputs.images, rows), "terms");
  const blocks = rows.shape[0] / samples;
  const split = (value: Value) => g.split(value, Array<number>(blocks).fill(samples), 0);
  const [evaluated, view] = split(pass.logits);
  const clean = trained ?? evaluated;
  const cleanLoss = g.mean(crossEntropy(g, clean, labels), [0]);
  const viewLoss = g.mean(crossEntropy(g, view, labels), [0]);
  const representations = split(alignedRepresentation(g, objective, pass));
  const [z, zView] = [representations[0], representations[blocks - 1]];
  const critic = inputs.critic?.train(stopGradient(g, z), stopGradient(g, zView)) ?? [];
  // Of losses there are plain ones only here, and terms over a batch are refused with the preset.
  const losses = crossEntropy(g, evaluated, labels);
  const viewLosses = crossEntropy(g, view, labels);
  const alignment = g.sum(alignmentOf(g, objective, { z, zView, losses, viewLosses, critic }), [0]);
  const loss = g.add(cleanLoss, g.mul(alignmentWeight, g.add(viewLoss, alignment)));
  return { loss, cleanLoss, viewLoss, alignment, correct: correctCount(g, clean, labels), rows };
}

/** The rows of the clean images and of each one's worst view, or two of them, found by one evaluation-mode pass. */
function chooseWorst(g: GraphBuilder, objective: Objective, inputs: ObjectiveInputs): Value {
  const { method, selection, terms, selectBy, alignSelectBy } = objective;
  const samples = inputs.labels.shape[0];
  const firstCandidate = terms === "alignreg-1.0" ? 1 : 0;
  const criteria = new Set(method.isRegularized ? [selectBy, alignSelectBy] : [selectBy]);
  // The clean images are no candidates of the preset, but what distances are measured from.
  const first = criteria.has("distance") ? 0 : firstCandidate;
  const { images } = inputs;
  const evaluated =
    first === 0 ? images : g.slice(images, [{ axis: 0, start: first * samples, end: images.shape[0] }]);
  const pass = inputs.evaluate(evaluated, "selection");
  const worst = [...criteria].map((criterion) => {
    const scores = scoresBy(criterion, pass);
    const skipped = firstCandidate - first;
    const candidates =
      skipped === 0 ? scores : g.slice(scores, [{ axis: 0, start: skipped, end: scores.shape[0] }]);
    const member = worstMember(g, candidates, selection);
    return firstCandidate === 0 ? member : g.add(member, g.constant(int64([firstCandidate], [])));
  });
  return cleanAndChosenRows(g, worst);

  /** [A, N]; of images without a label distances always. */
  function scoresBy(criterion: Criterion, pass: ForwardPass): Value {
    if (criterion === "distance") return memberDistances(g, objective, pass, inputs);
    const losses = memberLosses(g, objective, pass.logits, inputs.labels);
    const { isLabelled } = inputs;
    return isLabelled ? g.where(isLabelled, losses, memberDistances(g, objective, pass, inputs)) : losses;
  }
}

/** The loss of each sample, [N]; 0 for those without a label. */
function lossesFor(
  g: GraphBuilder,
  { classification }: Objective,
  logits: Value,
  labels: Value,
  isLabelled: Value | undefined,
): Value {
  const losses = classificationLosses(g, logits, labels, classification);
  return isLabelled ? g.where(isLabelled, losses, g.scalar(0)) : losses;
}

/** Cross-entropy of every view, [A, N]. */
function memberLosses(g: GraphBuilder, { classification }: Objective, logits: Value, labels: Value): Value {
  const [samples] = labels.shape;
  const members = logits.shape[0] / samples;
  const repeated = g.reshape(g.expand(labels, [members, samples]), [members * samples]);
  return g.reshape(classificationLosses(g, logits, repeated, classification), [members, samples]);
}

/** Alignment distance of every view from its clean image, [A, N]. */
function memberDistances(
  g: GraphBuilder,
  objective: Objective,
  pass: ForwardPass,
  { labels, critic }: ObjectiveInputs,
): Value {
  const [samples] = labels.shape;
  const blocks = (value: Value) => g.split(value, Array<number>(value.shape[0] / samples).fill(samples), 0);
  const z = blocks(alignedRepresentation(g, objective, pass));
  const losses = g.split(
    memberLosses(g, objective, pass.logits, labels),
    z.map(() => 1),
    0,
  );
  const distances = z.map((zView, i) =>
    alignmentOf(g, objective, {
      ...{ z: z[0], zView, critic: critic?.parameters ?? [] },
      losses: g.reshape(losses[0], [samples]),
      viewLosses: g.reshape(losses[i], [samples]),
    }),
  );
  return g.concat(
    distances.map((d) => g.reshape(d, [1, samples])),
    0,
  );
}
