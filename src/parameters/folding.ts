/** What an exporter folded, by the traces that it leaves: such a file's weights are not the module's under these names. */
import type { Graph } from "../onnx/index.ts";
import { type Tensor, sizeOf } from "../tensor/index.ts";
import { foldedFrom, hasBatchNormalization, saysFolding } from "./exported/index.ts";
import { isMadeUp, moduleOf } from "./made-up-names.ts";
import { type GraphUse, tensorRoles } from "./roles.ts";
import { statedTensors, tensorKeys } from "./stated.ts";
import { GraphUses } from "./uses.ts";

/** Layers that the newer exporter folds a BatchNormalization into; the older one takes Conv only. */
const foldable = new Set(["Conv", "ConvTranspose", "Gemm"]);

/** How the newer exporter calls what a BatchNormalization made. */
const normalized = /^getitem(_\d+)?$|batch_norm/;

/**
 * Weights of layers into which an exporter folded BatchNormalization. The first exporter gives weight and bias of a
 * convolution new names (a weight alone is new where something else was computed, as by weight_norm). The second keeps the
 * weight's name and the bias's, names a bias that was not there after the weight (before 2.9 after the layer's input),
 * and the layer then has the metadata and the output's name that the normalization had.
 */
export function foldedNormalization(graph: Graph, use: GraphUse = {}): string[] {
  const uses = new GraphUses(graph, new Set(graph.nodes.flatMap(({ outputs }) => outputs)));
  const stated = statedTensors(graph, use.metadata);
  const held = use.held ?? new Set(graph.initializers.keys());
  const hasLost = [...(stated?.buffers ?? [])].some((name) => /running_var$/.test(name) && !held.has(name));
  return graph.nodes
    .filter((node) => {
      const { opType, inputs, outputs } = node;
      const [x, weight, bias] = inputs;
      const [output] = outputs;
      if (!graph.initializers.has(weight)) return false;
      if (hasBatchNormalization(node)) return true;
      if (!foldable.has(opType) || !bias) return false;
      const isNewBias = bias === `${x}_bias` || bias === `${weight}_bias`;
      if (isNewBias && !stated?.parameters.has(bias)) return true;
      if (hasLost && normalized.test(output)) return true;
      return opType === "Conv" && isMadeUp(weight) && isMadeUp(bias) && uses.maker(bias) === undefined;
    })
    .map(({ inputs }) => inputs[1]);
}

/** Modules of which the file lists running statistics that it does not hold. */
export function lostNormalizations(graph: Graph, use: GraphUse = {}): string[] {
  const held = use.held ?? new Set(graph.initializers.keys());
  return [...(statedTensors(graph, use.metadata)?.buffers ?? [])]
    .filter((name) => /\.running_var$/.test(name) && !held.has(name))
    .map(moduleOf);
}

/** The module's parameters that the file lists and does not hold. */
export function lostParameters(graph: Graph, use: GraphUse = {}): string[] {
  const held = use.held ?? new Set(graph.initializers.keys());
  return [...(statedTensors(graph, use.metadata)?.parameters ?? [])].filter((name) => !held.has(name));
}

/**
 * Tensors that PyTorch's exporters may have computed from the module's weights. Beside them the module's own names, where
 * the file has them too, do not say what it computes once it has been trained.
 */
export function computedTensors(graph: Graph, use: GraphUse = {}): string[] {
  const stated = statedTensors(graph, use.metadata);
  const isSigned = stated !== undefined && use.metadata?.[tensorKeys.parameters] === undefined;
  const buffers = [...(stated?.buffers ?? [])].flatMap((name) => graph.initializers.get(name) ?? []);
  return tensorRoles(graph, use)
    .filter(({ name, kind, isMadeUp: isOfExporter, uses, why }) => {
      if (!isOfExporter || kind === "statistics" || uses.length === 0) return false;
      // Without folding, the older exporter writes constants of the code as nodes, which have other names.
      if (!isSigned) return name.startsWith("onnx::");
      const from = foldedFrom(graph, name);
      if (from) return from.some((part) => stated.parameters.has(part));
      if (kind === "parameter") return true;
      if (saysFolding(graph)) return false;
      const value = graph.initializers.get(name)!;
      if (sizeOf(value.shape) === 1 || isOfCode(name) || isOfLayer(why)) return false;
      return !buffers.some((buffer) => isCopy(value, buffer));
    })
    .map(({ name }) => name);
}

/** torch.tensor(…) in forward(). */
const isOfCode = (name: string): boolean => /lifted_tensor|tensor_constant/.test(name);

/** Ones and zeros of a normalization without scale and bias. */
const isOfLayer = (why: string): boolean => why.endsWith("which has none of its own");

const isCopy = (a: Tensor, b: Tensor): boolean =>
  a.dtype === b.dtype && a.data.length === b.data.length && a.data.every((value, i) => value === b.data[i]);
