import { type Graph, type GraphNode, constantNodeValue } from "../onnx/index.ts";
import { type Tensor, sizeOf } from "../tensor/index.ts";
import { isUniform } from "./contents.ts";
import { withOwnNames } from "./exported/index.ts";
import { isMadeUp, moduleOf } from "./made-up-names.ts";
import { statedTensors } from "./stated.ts";

/**
 * The graph with an initializer of its own for everything that a step changes on its own.
 *
 * Some exporters write weights as Constant nodes. Others merge equal initializers, and in an untrained net many are equal: PyTorch lets one layer's bias be an
 * Identity of another's, optimizers let a running mean of zeros and a bias of zeros be one tensor. Trained as they
 * are, layers would be tied that never were. A parameter that layers share by name stays shared, and so do the
 * statistics of a BatchNormalization that is called twice.
 */
export function separateParameters(exported: Graph): Graph {
  const graph = withOwnNames(exported);
  const initializers = new Map<string, Tensor>(graph.initializers);
  const outputs = new Set(graph.outputs.map((output) => output.name));
  const unlearned = unlearnedScales(graph);
  const ofStatistics = new Set(
    graph.nodes.flatMap(({ opType, inputs }) => (opType === "BatchNormalization" ? inputs.slice(3) : [])),
  );
  const stated = statedTensors(graph);
  const isOfModule = (name: string) =>
    stated ? stated.parameters.has(name) || stated.buffers.has(name) : !isMadeUp(name);
  const nodes = graph.nodes.filter((node) => {
    const {
      opType,
      inputs: [source],
      outputs: [copy],
    } = node;
    if (opType === "Constant" && node.domain === "") {
      const value = constantNodeValue({ ...node, inputs: [], outputCount: 1 });
      if (!isWeightLike(value, copy) || (unlearned.has(copy) && isUniform(value))) return true;
      initializers.set(copy, value);
      return false;
    }
    const value = initializers.get(source);
    if (opType !== "Identity" || !value || outputs.has(copy)) return true;
    // A copy without a name of its own is the module's way to use its parameter, as behind nn.Identity or by clone().
    if (!isOfModule(copy) && !isMadeUp(source) && !ofStatistics.has(copy)) return true;
    initializers.set(copy, value);
    return false;
  });
  return { ...graph, nodes: withOwnStatistics(nodes, initializers), initializers };
}

/** A single number is a parameter by its name only. */
const isWeightLike = ({ dtype, shape }: Tensor, name: string): boolean =>
  dtype === "float32" && (sizeOf(shape) > 1 || (sizeOf(shape) === 1 && !isMadeUp(name)));

const normalizations = new Set([
  "BatchNormalization",
  "InstanceNormalization",
  "GroupNormalization",
  "LayerNormalization",
]);

/** Scales and biases of normalisations: constants of ones and zeros where the module has none (affine=False). */
const unlearnedScales = ({ nodes }: Graph): Set<string> =>
  new Set(nodes.flatMap(({ opType, inputs }) => (normalizations.has(opType) ? inputs.slice(1, 3) : [])));

/** Statistics that other tensors were merged with get names of their own, which are added to `initializers`. */
function withOwnStatistics(nodes: readonly GraphNode[], initializers: Map<string, Tensor>): GraphNode[] {
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const name of new Set(node.inputs)) readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  const taken = new Set<string>();
  return nodes.map((node) => {
    if (node.opType !== "BatchNormalization" || node.domain !== "") return node;
    const own = node.inputs.map((name, i) => {
      const value = initializers.get(name);
      if (i < 3 || !value || isOwn(node, name, readers.get(name)!)) return name;
      const kind = i === 3 ? "mean" : "variance";
      const [first] = candidates(node, name, kind).filter((other) => !taken.has(other));
      taken.add(first);
      initializers.set(first, value);
      return first;
    });
    return { ...node, inputs: own };
  });

  /** What it may be called: as it is, if that is of the same module; as PyTorch calls it; after the node. */
  function candidates(
    { inputs: [, scale], outputs: [output] }: GraphNode,
    name: string,
    kind: string,
  ): string[] {
    const module = isMadeUp(scale) ? "" : moduleOf(scale);
    const usual = `${module}.running_${kind === "mean" ? "mean" : "var"}`;
    const isFree = module !== "" && !initializers.has(usual);
    return [...(module !== "" && moduleOf(name) === module ? [name] : []), ...(isFree ? [usual] : [])].concat(
      `${name}:${output}:${kind}`,
    );
  }
}

/** Whether a node's statistics are its own: read once by it alone, or by calls of the same module, which share all four. */
function isOwn(node: GraphNode, name: string, readers: readonly GraphNode[]): boolean {
  const four = ({ opType, inputs }: GraphNode) => `${opType} ${inputs.slice(1, 5).join("\n")}`;
  const isReadOnce = node.inputs.indexOf(name) === node.inputs.lastIndexOf(name);
  const isOfModule = readers.length === 1 || !isMadeUp(name);
  return isReadOnce && isOfModule && readers.every((reader) => four(reader) === four(node));
}
