import { type Graph, constantNodeValue } from "../onnx/index.ts";
import { type Tensor, sizeOf } from "../tensor/index.ts";

/**
 * The graph with an initializer of its own for everything that a step changes on its own.
 *
 * Some exporters write weights as Constant nodes. Others merge equal initializers, and in an untrained net many are equal: PyTorch lets one layer's bias be an
 * Identity of another's, optimizers let a running mean of zeros and a bias of zeros be one tensor. Trained as they
 * are, layers would be tied that never were. A parameter that layers share by name stays shared.
 */
export function separateParameters(graph: Graph): Graph {
  const initializers = new Map<string, Tensor>(graph.initializers);
  const outputs = new Set(graph.outputs.map((output) => output.name));
  const unlearned = unlearnedScales(graph);
  const nodes = graph.nodes.filter((node) => {
    const {
      opType,
      inputs: [source],
      outputs: [copy],
    } = node;
    if (opType === "Constant") {
      const value = constantNodeValue({ ...node, inputs: [], outputCount: 1 });
      if (!isWeightLike(value) || (unlearned.has(copy) && isUniform(value))) return true;
      initializers.set(copy, value);
      return false;
    }
    const value = initializers.get(source);
    if (opType !== "Identity" || !value || outputs.has(copy)) return true;
    initializers.set(copy, value);
    return false;
  });
  const readers = new Map<string, number>();
  for (const name of nodes.flatMap((node) => node.inputs)) readers.set(name, (readers.get(name) ?? 0) + 1);
  return {
    ...graph,
    nodes: nodes.map((node) => {
      if (node.opType !== "BatchNormalization") return node;
      const inputs = node.inputs.map((name, i) => {
        const value = initializers.get(name);
        if (i < 3 || !value || readers.get(name) === 1) return name;
        const own = `${name}:${node.outputs[0]}:${i === 3 ? "mean" : "variance"}`;
        initializers.set(own, value);
        return own;
      });
      return { ...node, inputs };
    }),
    initializers,
  };
}

const isWeightLike = ({ dtype, shape }: Tensor): boolean => dtype === "float32" && sizeOf(shape) > 1;

const isUniform = ({ data }: Tensor): boolean => (data as Float32Array).every((value) => value === data[0]);

const normalizations = new Set([
  "BatchNormalization",
  "InstanceNormalization",
  "GroupNormalization",
  "LayerNormalization",
]);

/** Scales and biases of normalisations: constants of ones and zeros where the module has none (affine=False). */
const unlearnedScales = ({ nodes }: Graph): Set<string> =>
  new Set(nodes.flatMap(({ opType, inputs }) => (normalizations.has(opType) ? inputs.slice(1, 3) : [])));
