/** From gradients to the next parameters. */
import type { GraphBuilder, Value } from "../onnx/index.ts";
import type { StepPlan } from "./step-plan.ts";
import { stepNames } from "./step-names.ts";

/** The optimizer's inputs to a step's graph. */
export interface OptimizerInputs {
  readonly scalar: Readonly<Record<string, Value>>;
  /** By slot. */
  readonly states: readonly (readonly Value[])[];
}

export function addOptimizer(g: GraphBuilder, { optimizer, layout }: StepPlan): OptimizerInputs {
  const scalar = Object.fromEntries(
    Object.keys(optimizer.scalars(1, 0)).map((name) => [
      name,
      g.input(stepNames.scalar(name), "float32", []),
    ]),
  );
  const states = layout.slots.map(({ size }, i) =>
    Array.from({ length: optimizer.stateCount }, (_, k) => g.input(stepNames.state(i, k), "float32", [size])),
  );
  return { scalar, states };
}

/**
 * @param gradients  by slot
 * @returns the next parameters and states by output name, and the norm of the gradient where it is clipped
 */
export function updated(
  g: GraphBuilder,
  { optimizer, clipNorm, layout }: StepPlan,
  { scalar, states }: OptimizerInputs,
  slots: readonly Value[],
  gradients: readonly Value[],
): { readonly next: Record<string, Value>; readonly gradientNorm: Value | null } {
  const { clipped, norm } = clip(g, gradients, clipNorm);
  const next: Record<string, Value> = {};
  slots.forEach((parameter, i) => {
    const { isSpared } = layout.slots[i];
    const inputs = { parameter, gradient: clipped[i], state: states[i], scalar, isSpared };
    const made = optimizer.update(g, inputs);
    next[stepNames.next(stepNames.slot(i))] = made.parameter;
    made.state.forEach((value, k) => (next[stepNames.next(stepNames.state(i, k))] = value));
  });
  return { next, gradientNorm: norm };
}

/** Scales the gradients so that their global l2 norm is at most `maxNorm`, as torch.nn.utils.clip_grad_norm_. */
function clip(
  g: GraphBuilder,
  gradients: readonly Value[],
  maxNorm: number | null,
): { clipped: readonly Value[]; norm: Value | null } {
  if (maxNorm === null) return { clipped: gradients, norm: null };
  const squares = gradients.map((gradient) => g.sum(g.mul(gradient, gradient), [0]));
  const norm = g.sqrt(squares.reduce((a, b) => g.add(a, b)));
  const factor = g.op1("Min", [g.div(g.scalar(maxNorm), g.add(norm, g.scalar(1e-6))), g.scalar(1)]);
  return { clipped: gradients.map((gradient) => g.mul(gradient, factor)), norm };
}
