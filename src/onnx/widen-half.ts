/**
 * Graphs that hold or compute numbers in half precision, in float32: what differentiates and folds graphs here knows that alone, and
 * float32 holds every half.
 */
import { checkLimit } from "../options/index.ts";
import { type Tensor, widened } from "../tensor/index.ts";
import type { Attribute, Attributes } from "./attribute.ts";
import type { Graph, GraphNode, ValueInfo } from "./graph.ts";
import { capturedNames } from "./prune.ts";

/** ONNX's numbers of element types. */
const FLOAT = 1;
const FLOAT16 = 10;

/** Attributes that name an element type. */
const typeAttributes = new Set(["to", "dtype", "output_dtype", "stash_type", "softmax_precision"]);

export interface WidenedGraph {
  readonly graph: Graph;
  /** Whether anything but stored tensors was in half precision, so that the file's own numbers are rounded otherwise. */
  readonly computes: boolean;
}

/**
 * The graph with all of its half precision in float32. A Cast of a stored half to float32 goes: what takes it takes the tensor.
 *
 * @param source  what to call it in messages
 * @throws LimitError where its tensors take more than is allowed once they are wide
 */
export function widenHalf(graph: Graph, source = "The model"): WidenedGraph {
  const halves = [...graph.initializers].filter(([, { dtype }]) => dtype === "float16").map(([name]) => name);
  const infos = [...graph.inputs, ...graph.outputs];
  const isHalf = (node: GraphNode) => Object.entries(node.attributes).some(isHalfAttribute);
  const computes = infos.some(({ dtype }) => dtype === "float16") || graph.nodes.some(isHalf);
  if (halves.length === 0 && !computes) return { graph, computes };
  const bytes = [...graph.initializers.values()].reduce(
    (sum, { dtype, data }) => sum + data.byteLength * (dtype === "float16" ? 2 : 1),
    0,
  );
  checkLimit("tensorBytes", bytes, `${source}, its half precision as float32,`);
  const initializers = new Map([...graph.initializers].map(([name, value]) => [name, wide(value)] as const));
  const { nodes, isOnlyStored } = withoutCasts(graph, new Set(halves));
  return {
    graph: {
      ...graph,
      inputs: graph.inputs.map(wideInfo),
      outputs: graph.outputs.map(wideInfo),
      nodes: nodes.map((node) => (isHalf(node) ? { ...node, attributes: wideAttributes(node) } : node)),
      initializers,
    },
    computes: computes || !isOnlyStored,
  };
}

/** @returns whether each stored half was only cast to float32 */
function withoutCasts(
  { nodes, outputs }: Graph,
  halves: ReadonlySet<string>,
): { nodes: GraphNode[]; isOnlyStored: boolean } {
  const kept = new Set([...outputs.map(({ name }) => name), ...nodes.flatMap(capturedNames)]);
  const renamed = new Map<string, string>();
  let isOnlyStored = true;
  const result: GraphNode[] = [];
  for (const node of nodes) {
    const { opType, domain, inputs, outputs: made, attributes } = node;
    const isWidening = opType === "Cast" && domain === "" && attributes.to === FLOAT && halves.has(inputs[0]);
    if (isWidening && !kept.has(made[0])) {
      renamed.set(made[0], inputs[0]);
      continue;
    }
    if (!isWidening && inputs.some((name) => halves.has(name))) isOnlyStored = false;
    result.push({ ...node, inputs: inputs.map((name) => renamed.get(name) ?? name) });
  }
  return { nodes: result, isOnlyStored };
}

const isTensor = (value: Attribute): value is Tensor => typeof value === "object" && "dtype" in value;

const isHalfAttribute = ([name, value]: [string, Attribute]): boolean =>
  isTensor(value) ? value.dtype === "float16" : typeAttributes.has(name) && value === FLOAT16;

const wideAttributes = ({ attributes }: GraphNode): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => {
      if (!isHalfAttribute([name, value])) return [name, value];
      return [name, isTensor(value) ? wide(value) : FLOAT];
    }),
  );

const wide = (value: Tensor): Tensor => (value.dtype === "float16" ? widened(value) : value);

const wideInfo = (info: ValueInfo): ValueInfo =>
  info.dtype === "float16" ? { ...info, dtype: "float32" } : info;
