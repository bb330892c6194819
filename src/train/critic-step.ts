import type { CriticInputs } from "../align/index.ts";
import { backward } from "../autodiff/index.ts";
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { sizeOf } from "../tensor/index.ts";
import type { CriticPlan } from "./critic-plan.ts";
import { stepNames } from "./step-names.ts";

/** A critic's inputs to a step's graph. */
interface CriticValues {
  readonly parameters: Value;
  /** First and second moments of its optimizer. */
  readonly state: readonly Value[];
  /** The optimizer's scalars, and the random mix, of each of the critic's updates. */
  readonly updates: readonly { readonly scalar: Readonly<Record<string, Value>>; readonly mix: Value }[];
}

/** Adds a critic's inputs; its outputs are there once the objective has trained it. */
export function addCritic(g: GraphBuilder, plan: CriticPlan, batchSize: number) {
  const shape = [plan.initial.length];
  const parameters = g.input(stepNames.critic, "float32", shape);
  const state = Array.from({ length: plan.optimizer.stateCount }, (_, k) =>
    g.input(stepNames.criticState(k), "float32", shape),
  );
  const updates = Array.from({ length: plan.critic.steps }, (_, update) => ({
    mix: g.input(stepNames.criticMix(update), "float32", [batchSize, 1]),
    scalar: Object.fromEntries(
      Object.keys(plan.optimizer.scalars(1, 0)).map((name) => [
        name,
        g.input(stepNames.criticScalar(update, name), "float32", []),
      ]),
    ),
  }));
  const outputs: Record<string, Value> = {};
  const inputs: CriticInputs = {
    parameters: criticParameters(g, plan, parameters),
    train(z, zView) {
      const trained = trainCritic(g, plan, { parameters, state, updates }, z, zView);
      outputs.criticLoss = trained.loss;
      outputs[stepNames.next(stepNames.critic)] = trained.parameters;
      trained.state.forEach((value, k) => (outputs[stepNames.next(stepNames.criticState(k))] = value));
      return criticParameters(g, plan, trained.parameters);
    },
  };
  return { inputs, outputs: () => outputs };
}

/** Adds the critic's updates to a step's graph, one after the other. The losses are those before each update. */
function trainCritic(
  g: GraphBuilder,
  plan: CriticPlan,
  { parameters, state, updates }: CriticValues,
  z: Value,
  zView: Value,
): { readonly parameters: Value; readonly state: readonly Value[]; readonly loss: Value } {
  const { critic, optimizer } = plan;
  let current = { parameters, state };
  const losses = updates.map(({ scalar, mix }) => {
    const loss = critic.loss(g, criticParameters(g, plan, current.parameters), z, zView, mix);
    const [gradient] = backward(g, loss, [current.parameters]);
    const next = optimizer.update(g, {
      parameter: current.parameters,
      gradient,
      state: current.state,
      scalar,
    });
    const constrained = critic.constrain ? critic.constrain(g, next.parameter) : next.parameter;
    current = { parameters: constrained, state: next.state };
    return loss;
  });
  return { ...current, loss: losses[losses.length - 1] };
}

/** The critic's parameters in one vector, each in its own shape. */
function criticParameters(g: GraphBuilder, { shapes }: CriticPlan, flat: Value): Value[] {
  const parts = g.split(
    flat,
    shapes.map((shape) => sizeOf(shape)),
    0,
  );
  return shapes.map((shape, i) => g.reshape(parts[i], shape));
}
