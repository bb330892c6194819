/**
 * Files that Keras exported. Each of its backends computes layers into arithmetic on tensors without names of their own;
 * what a layer learns is known by its place.
 */
import type { Graph, GraphNode } from "../onnx/index.ts";
import { type Tensor, sizeOf } from "../tensor/index.ts";
import { dependingOn } from "./reach.ts";

/** By the backend that Keras ran on; files of TensorFlow without Keras look the same. */
export type KerasBackend = "tensorflow" | "jax" | "torch";

/**
 * What tells them: jax2onnx's `const_0` beside nodes such as `node_Conv_2`; variables as TensorFlow reads them; and of PyTorch's
 * exporter the NHWC images that are cast and transposed first, in a graph without modules.
 */
export function kerasBackend({ initializers, nodes, inputs }: Graph): KerasBackend | undefined {
  const names = [...initializers.keys()];
  if (names.some((name) => /ReadVariableOp(_\d+)?(:\d+)?$|^const_fold_opt__\d+$/.test(name)))
    return "tensorflow";
  if (initializers.has("const_0") && nodes.some(({ name }) => /^node_[A-Z]\w*_\d+$/.test(name))) return "jax";
  const isUnnamed = [...initializers].every(
    ([name, value]) => sizeOf(value.shape) < 2 || /^onnx::|^\/Constant/.test(name),
  );
  const takesImages = nodes.filter((node) => node.inputs.includes(inputs[0]?.name));
  const isCast = takesImages.length > 0 && takesImages.every(({ opType }) => opType === "Cast");
  const isFlat = nodes.every(({ name }) => /^\/?\w*$/.test(name));
  return isUnnamed && isCast && isFlat ? "torch" : undefined;
}

/** A tensor's part in a BatchNormalization that an export wrote as arithmetic on fixed statistics. */
export type NormalizationPart = "mean" | "scale" | "bias" | "deviation";

export interface WrittenNormalizations {
  /** By the name of a tensor. */
  readonly parts: ReadonlyMap<string, NormalizationPart>;
  /** Names by which a user knows the layers: TensorFlow's scopes; else a tensor's. */
  readonly layers: readonly string[];
}

/** TensorFlow's names of what a BatchNormalization is computed by: Keras 3's, Keras 2's, tf2onnx's. */
const ofLayer =
  /^(?:StatefulPartitionedCall\/)?(.*?)\/(batchnorm(_\d+)?\/|FusedBatchNorm|BatchNorm\w*_fused)/;

/** @param input  name of the images */
export function writtenNormalizations(
  graph: Graph,
  input: string | undefined = graph.inputs[0]?.name,
): WrittenNormalizations {
  const backend = kerasBackend(graph);
  if (backend === undefined || backend === "jax" || input === undefined)
    return { parts: new Map(), layers: [] };
  return backend === "tensorflow" ? byScope(graph, input) : byChain(graph);
}

function byScope(graph: Graph, input: string): WrittenNormalizations {
  const { initializers, nodes } = graph;
  const ofImages = dependingOn(graph, input);
  const kept = new Set(
    nodes.flatMap(({ opType, name, outputs }) => (opType === "BatchNormalization" ? [name, ...outputs] : [])),
  );
  const names = nodes.flatMap(({ name, inputs, outputs }) => [...inputs, name, ...outputs]);
  const layers = names.filter((name) => !kept.has(name)).flatMap((name) => ofLayer.exec(name)?.[1] ?? []);
  const parts = new Map<string, NormalizationPart>();
  for (const { opType, name, inputs, outputs } of nodes) {
    const stored = inputs.find((one) => isSeveral(initializers.get(one)));
    const isOfLayer = ofLayer.test(name) || ofLayer.test(outputs[0]);
    if (stored === undefined || !isOfLayer || !inputs.some((one) => ofImages.has(one))) continue;
    if (opType === "Mul") parts.set(stored, /\/Rsqrt/.test(stored) ? "deviation" : "scale");
    if (opType === "Add" || opType === "Sub") parts.set(stored, "bias");
  }
  return { parts, layers: [...new Set(layers)] };
}

/** (x − mean)·scale + bias, each of them stored. */
function byChain({ initializers, nodes }: Graph): WrittenNormalizations {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const parts = new Map<string, NormalizationPart>();
  const layers: string[] = [];
  for (const product of nodes) {
    const scale = storedBy(product, "Mul", initializers);
    const centred =
      scale &&
      makerOf(
        product.inputs.find((one) => one !== scale)!,
        makers,
      );
    const mean = centred && storedBy(centred, "Sub", initializers);
    if (scale === undefined || !mean || !sameSize(initializers, mean, scale)) continue;
    layers.push(mean);
    parts.set(mean, "mean").set(scale, "scale");
    const shift = nodes.find(({ opType, inputs }) => opType === "Add" && inputs.includes(product.outputs[0]));
    const bias = shift && storedBy(shift, "Add", initializers);
    if (bias !== undefined && sameSize(initializers, mean, bias)) parts.set(bias, "bias");
  }
  return { parts, layers };
}

/** The stored tensor that a node of that operator combines with something else. */
const storedBy = (
  { opType, inputs }: GraphNode,
  wanted: string,
  initializers: Graph["initializers"],
): string | undefined =>
  opType === wanted ? inputs.find((one) => isSeveral(initializers.get(one))) : undefined;

function makerOf(name: string, makers: ReadonlyMap<string, GraphNode>): GraphNode | undefined {
  let node = makers.get(name);
  while (node?.opType === "Cast") node = makers.get(node.inputs[0]);
  return node;
}

const isSeveral = (tensor: Tensor | undefined): boolean =>
  tensor?.dtype === "float32" && sizeOf(tensor.shape) > 1;

const sameSize = (initializers: Graph["initializers"], a: string, b: string): boolean =>
  initializers.get(a)?.data.length === initializers.get(b)?.data.length;
