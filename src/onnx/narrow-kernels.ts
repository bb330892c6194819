/** Graphs whose large kernels are stored in half precision, which a Cast brings back: half the file, the same arithmetic. */
import { type Tensor, type TensorOf, narrowed, sizeOf } from "../tensor/index.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { capturedNames } from "./prune.ts";

const FLOAT = 1;

/** The inputs that are kernels. */
const kernelInputs: ReadonlyMap<string, readonly number[]> = new Map([
  ["Conv", [1]],
  ["ConvTranspose", [1]],
  ["Gemm", [1]],
  ["MatMul", [0, 1]],
]);

/** Numbers of a kernel from which on it pays; depthwise kernels, on which answers hang most, have fewer. */
const LARGE = 16_384;

/** The largest half. */
const MOST = 65_504;

export interface NarrowedGraph {
  readonly graph: Graph;
  /** Names of the initializers that are halves now. */
  readonly narrowed: readonly string[];
}

/** Initializers keep their names; layers take what the Casts give. Kernels with numbers that no half holds stay. */
export function narrowKernels(graph: Graph): NarrowedGraph {
  const captured = new Set(graph.nodes.flatMap(capturedNames));
  const kept = new Set([
    ...captured,
    ...graph.outputs.map(({ name }) => name),
    ...graph.inputs.map(({ name }) => name),
  ]);
  const kernels = new Set(
    graph.nodes.flatMap(({ opType, domain, inputs }) =>
      domain === "" ? (kernelInputs.get(opType) ?? []).map((index) => inputs[index]) : [],
    ),
  );
  const taken = new Set([
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
    ...kept,
  ]);
  const wideNames = new Map<string, string>();
  const initializers = new Map<string, Tensor>();
  for (const [name, tensor] of graph.initializers) {
    if (!kernels.has(name) || kept.has(name) || !isNarrowable(tensor)) {
      initializers.set(name, tensor);
      continue;
    }
    let wide = `${name}.float32`;
    while (taken.has(wide)) wide += "'";
    taken.add(wide);
    wideNames.set(name, wide);
    initializers.set(name, narrowed(tensor));
  }
  const casts = [...wideNames].map(([name, wide]): GraphNode => ({
    opType: "Cast",
    domain: "",
    name: wide,
    inputs: [name],
    outputs: [wide],
    attributes: { to: FLOAT },
  }));
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((name) => wideNames.get(name) ?? name),
  }));
  return { graph: { ...graph, nodes: [...casts, ...nodes], initializers }, narrowed: [...wideNames.keys()] };
}

const isNarrowable = (tensor: Tensor): tensor is TensorOf<"float32"> =>
  tensor.dtype === "float32" &&
  sizeOf(tensor.shape) >= LARGE &&
  tensor.data.every((value) => Math.abs(value) <= MOST);
