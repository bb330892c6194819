import { SEMANTIC_DOMAIN, semanticInference } from "../autodiff/index.ts";
import {
  type Graph,
  GraphBuilder,
  type GraphNode,
  UnsupportedOpError,
  type Value,
  inlineGraph,
  intAttribute,
} from "../onnx/index.ts";
import { blockedInference, blockedLowering } from "./blocked/index.ts";
import { batchNormalizationGrad, trainingBatchNormalization } from "./batch-normalization.ts";
import { convGradInput } from "./conv-grad-input.ts";
import { convGradWeight } from "./conv-grad-weight/index.ts";
import { groupNormalization } from "./group-normalization.ts";
import { maxPoolGrad } from "./max-pool-grad.ts";
import { product } from "./conv-window.ts";
import { SharedPatches } from "./shared-patches.ts";
import type { Lowering, SemanticNode } from "./recipe.ts";

/** The plain lowering: ordinary ONNX operators, which every execution provider has. */
const lowerings: Readonly<Record<string, Lowering>> = {
  ConvGradWeight: convGradWeight,
  ConvGradInput: convGradInput,
  MaxPoolGrad: maxPoolGrad,
  BatchNormalizationGrad: batchNormalizationGrad,
  PhaseMax: phaseMax,
  StopGradient: (_g, { inputs: [x] }) => [x],
};

/** One reduction over [N, phases, C·…]. Split and Max in pairs take half as long again. */
function phaseMax(...[g, node]: Parameters<Lowering>): readonly Value[] {
  const [x] = node.inputs;
  const phases = intAttribute(node, "phases");
  const [n, channels, ...spatial] = x.shape;
  const groups = g.reshape(x, [n, phases, (channels / phases) * product(spatial)]);
  return [g.reshape(g.max(groups, [1]), [n, channels / phases, ...spatial])];
}

export interface LowerOptions {
  /**
   * Channels in a block of this processor's direct convolutions: images then stay in blocked memory. Null (default) for
   * the plain lowering, which runs everywhere.
   */
  readonly block?: number | null;
}

/**
 * Turns the operators of the domain "alignreg" into ones that ONNX Runtime has, choosing recipes by shape, and
 * rewrites training-mode BatchNormalization and GroupNormalization into forms that its CPU kernels compute safely.
 *
 * @param graph  at the current opset, all shapes static
 * @returns a graph with the same inputs, outputs and initializer names
 */
export function lower(graph: Graph, { block = null }: LowerOptions = {}): Graph {
  const g = new GraphBuilder({ extension: new Map([...semanticInference, ...blockedInference]) });
  const bindings = new Map(
    graph.inputs.map(({ name, dtype, shape }) => [name, g.input(name, dtype, shape as number[])] as const),
  );
  for (const [name, value] of graph.initializers) {
    bindings.set(name, g.initializer(name, value, { constant: true }));
  }
  const outputs = graph.outputs.map(({ name }) => name);
  const blocked = block === null ? null : blockedLowering(g, graph.nodes, outputs, block);
  const plain = (value: Value): Value => blocked?.plain(value) ?? value;
  const patches = new SharedPatches(graph.nodes);
  const values = inlineGraph(g, graph, bindings, {
    rewrite: (_, node, inputs) => {
      const made = blocked?.lower(node, inputs);
      if (made) return made;
      const plainInputs = inputs.map((input) => input && plain(input));
      return (
        patches.lower(g, node, plainInputs) ??
        lowerPlainly(g, node, plainInputs) ??
        g.op(node.opType, plainInputs, node.attributes, {
          domain: node.domain,
          name: node.name,
          outputs: node.outputs,
        })
      );
    },
  });
  return g.build(graph.name, Object.fromEntries(outputs.map((name) => [name, plain(values.get(name)!)])));
}

function lowerPlainly(
  g: GraphBuilder,
  node: GraphNode,
  inputs: readonly (Value | null)[],
): readonly Value[] | null {
  const semantic = { ...node, inputs, outputCount: node.outputs.length } as SemanticNode;
  if (node.domain === SEMANTIC_DOMAIN) {
    if (!Object.hasOwn(lowerings, node.opType)) {
      throw new UnsupportedOpError(`internal: no lowering for ${node.opType}.`, {
        opType: node.opType,
        node: node.name,
      });
    }
    return lowerings[node.opType](g, semantic);
  }
  if (node.opType === "BatchNormalization" && node.attributes.training_mode === 1) {
    return trainingBatchNormalization(g, semantic);
  }
  return node.opType === "GroupNormalization" ? groupNormalization(g, semantic) : null;
}
