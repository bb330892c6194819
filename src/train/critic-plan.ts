import { type Critic, type Objective, alignedRepresentation, criticOf } from "../align/index.ts";
import { semanticInference } from "../autodiff/index.ts";
import type { Classifier } from "../models/index.ts";
import { GraphBuilder, upgradeGraph } from "../onnx/index.ts";
import { type Shape, random } from "../tensor/index.ts";
import { evaluationPass } from "./forward-mode.ts";
import { modelInput } from "./model-input.ts";
import type { Optimizer } from "./optimizer.ts";
import { adam } from "./optimizers/adam.ts";

/** What decides the size of a critic: the model, and what of it is aligned. */
interface AlignedModel {
  readonly classifier: Classifier;
  readonly objective: Objective;
  /** One image, [C, H, W]. */
  readonly imageShape: Shape;
}

/** A regularizer's critic, ready to train beside the model. */
export interface CriticPlan {
  readonly critic: Critic;
  readonly optimizer: Optimizer;
  readonly shapes: readonly Shape[];
  /** Its parameters before the first step, one after the other. */
  readonly initial: Float32Array;
}

/** The critic of the objective's regularizer; null where it has none, or nothing is aligned. */
export function criticPlan(model: AlignedModel, seed: number): CriticPlan | null {
  const { method, regularizer } = model.objective;
  const critic = criticOf(regularizer);
  if (!critic || !method.isRegularized) return null;
  const parameters = critic.parameters(alignedWidth(model));
  const parts = parameters.map((p) => p.initial(random(seed, "critic", p.name)));
  const initial = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((offset, part) => (initial.set(part, offset), offset + part.length), 0);
  const { beta1, beta2 } = critic;
  return { critic, optimizer: adam({ beta1, beta2 }), shapes: parameters.map((p) => p.shape), initial };
}

/** How many numbers a sample's aligned representation has. */
function alignedWidth({ classifier, objective, imageShape }: AlignedModel): number {
  const g = new GraphBuilder({ extension: semanticInference });
  const image = modelInput(g, classifier, g.input("image", "float32", [1, ...imageShape]));
  const pass = evaluationPass(g, {
    graph: upgradeGraph(classifier.graph),
    logits: classifier.logits,
    bindings: new Map([[classifier.input, image]]),
    prefix: "",
  });
  return alignedRepresentation(g, objective, pass).shape[1];
}
