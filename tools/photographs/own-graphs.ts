/** Heads that `withNewHead` has not, made of its linear one: a classifier's graph is data that its user may change. */
import { type Classifier, random } from "../../src/index.ts";
import { uniform } from "../../src/models/layers.ts";
import { type GraphNode, floatAttribute } from "../../src/onnx/index.ts";
import { headKey, headNames } from "../../src/parameters/index.ts";
import { type Tensor, float32 } from "../../src/tensor/index.ts";
import { settings } from "./plan.ts";

/** What is changed, by the name that a row calls it. */
export const ownGraphs = {
  adapter: (model: Classifier, seed: number) => withAdapter(model, settings.adapterUnits, seed),
  "logits of one length": (model: Classifier) => withLogitsOfLength(model, settings.logitLength),
} satisfies Record<string, (model: Classifier, seed: number) => Classifier>;

export type OwnGraph = keyof typeof ownGraphs;

/**
 * A residual bottleneck between the features x and a linear head (Houlsby et al., ICML 2019; on kept features as CLIP-Adapter,
 * Gao et al. 2021, has it): the head takes x + W₂·relu(W₁·x + b₁) + b₂.
 *
 * W₂ and b₂ start at 0, so that the logits are those without it; W₁ and b₁ uniform in ±1/√size, drawn by `seed`.
 *
 * @param model  of `withNewHead`, whose head is linear
 */
export function withAdapter(model: Classifier, units: number, seed: number): Classifier {
  const { gemm, before } = lastLayer(model);
  const [features, weight] = gemm.inputs;
  const [, size] = model.graph.initializers.get(weight)!.shape;
  const rng = random(seed, "adapter");
  const bound = 1 / Math.sqrt(size);
  const weights = {
    "adapter.down.weight": uniform(rng, [units, size], bound),
    "adapter.down.bias": uniform(rng, [units], bound),
    "adapter.up.weight": float32([size, units]),
    "adapter.up.bias": float32([size]),
  };
  const dense = (x: string, name: string) =>
    node("Gemm", [x, `${name}.weight`, `${name}.bias`], name, { transB: 1 });
  return changed(
    model,
    [
      ...before,
      // The head multiplies what it takes by its alpha: the adapter is to see that, too.
      constant(floatAttribute(gemm, "alpha", 1), "adapter.scale.Constant"),
      node("Mul", [features, "adapter.scale.Constant"], "adapter.features"),
      dense("adapter.features", "adapter.down"),
      node("Relu", ["adapter.down"], "adapter.relu"),
      dense("adapter.relu", "adapter.up"),
      node("Add", ["adapter.features", "adapter.up"], "adapter.sum"),
      { ...gemm, inputs: ["adapter.sum", ...gemm.inputs.slice(1)], attributes: { transB: 1 } },
    ],
    weights,
  );
}

/**
 * Logits of one length, length·z/‖z‖, in the loss, in alignment and in the trained model (LogitNorm: Wei et al., ICML 2022, whose
 * length is 1/τ). All 0 stay so.
 */
export function withLogitsOfLength(model: Classifier, length: number): Classifier {
  const { gemm, before } = lastLayer(model);
  return changed(model, [
    ...before,
    { ...gemm, name: "logits.own", outputs: ["logits.own"] },
    node("LpNormalization", ["logits.own"], "logits.direction", { axis: 1, p: 2 }),
    constant(length, "logits.length.Constant"),
    node("Mul", ["logits.direction", "logits.length.Constant"], model.logits),
  ]);
}

/** The linear layer that makes the logits, which is the last node of a new head's graph. */
function lastLayer({ graph, logits }: Classifier): { gemm: GraphNode; before: readonly GraphNode[] } {
  const gemm = graph.nodes.at(-1)!;
  if (gemm.opType !== "Gemm" || gemm.outputs[0] !== logits) {
    throw new Error(
      `The last node is a ${gemm.opType} of "${gemm.outputs[0]}", not the head of "${logits}".`,
    );
  }
  return { gemm, before: graph.nodes.slice(0, -1) };
}

/** A model with other nodes; new weights are its head's too, which is what trains. */
const changed = (
  model: Classifier,
  nodes: readonly GraphNode[],
  weights: Readonly<Record<string, Tensor>> = {},
): Classifier => ({
  ...model,
  graph: {
    ...model.graph,
    nodes,
    initializers: new Map([...model.graph.initializers, ...Object.entries(weights)]),
  },
  metadata: {
    ...model.metadata,
    [headKey]: JSON.stringify([...headNames(model.metadata), ...Object.keys(weights)]),
  },
});

const node = (
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: GraphNode["attributes"] = {},
): GraphNode => ({ opType, domain: "", name: output, inputs, outputs: [output], attributes });

/** A number that is no parameter: by its name, and because no file stores it as a weight. */
const constant = (value: number, output: string): GraphNode =>
  node("Constant", [], output, { value: float32([], [value]) });
