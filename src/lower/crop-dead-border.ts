/**
 * Pooling that rounds down drops the last rows and columns of an odd map, and with them the work of the convolutions
 * before it. Cut off the images instead, what nobody reads is never computed: 13 to 15 % of a small network's products.
 * Values and gradients of what is read stay the same.
 */
import {
  type Graph,
  GraphBuilder,
  type GraphNode,
  type Value,
  inlineGraph,
  intAttribute,
  intsAttribute,
  resolveWindow,
} from "../onnx/index.ts";
import { type Shape, int64 } from "../tensor/index.ts";

/** Operators that make each pixel from the same pixel alone. */
const perPixel = new Set(
  ["Relu", "LeakyRelu", "Elu", "Selu", "Celu", "Gelu", "HardSigmoid", "HardSwish", "Mish", "Softplus"].concat(
    ["Sigmoid", "Tanh", "Identity", "Clip"],
  ),
);

/** Rows and columns of a map that somebody reads, counted from its start. */
type Extent = readonly number[];

/**
 * @param image  shape of one image, [C, H, W]
 * @param keep   tensors that somebody reads by name, and that must stay what they are
 */
export function cropDeadBorder(
  graph: Graph,
  input: string,
  image: Shape,
  keep: ReadonlySet<string> = new Set(),
): Graph {
  if (image.length !== 3) return graph;
  const values = shapesOf(graph, input, image);
  const spatial = (name: string): Extent => values.get(name)!.shape.slice(2);
  const needed = new Map<string, Extent>();
  const need = (name: string, extent: Extent) => {
    const before = needed.get(name);
    needed.set(name, before ? extent.map((n, axis) => Math.max(n, before[axis])) : extent);
  };
  for (const { name } of graph.outputs) if (isMap(values.get(name))) need(name, spatial(name));
  for (const name of keep) if (isMap(values.get(name))) need(name, spatial(name));
  for (const node of graph.nodes.toReversed()) {
    const [x, ...others] = node.inputs;
    const [y] = node.outputs;
    const wanted = needed.get(y);
    const seen = wanted && reach(node, wanted, values);
    if (seen && isMap(values.get(x)))
      need(
        x,
        seen.map((n, axis) => Math.min(n, spatial(x)[axis])),
      );
    else if (isMap(values.get(x))) need(x, spatial(x));
    for (const name of others) if (isMap(values.get(name))) need(name, spatial(name));
  }
  const read = needed.get(input);
  const isWhole = !read || read.every((n, axis) => n === spatial(input)[axis]);
  // Within the network a cut would copy the map; it is made only if it can be made at the images.
  if (isWhole) return graph;
  const cropped = `${input}/cropped`;
  const nodes = graph.nodes.map((node) => ({
    ...shortened(node, needed, values),
    inputs: node.inputs.map((name) => (name === input ? cropped : name)),
  }));
  const initializers = new Map([
    ...graph.initializers,
    [`${cropped} start`, int64([0, 0])] as const,
    [`${cropped} end`, int64([...read])] as const,
    [`${cropped} axes`, int64([2, 3])] as const,
  ]);
  const slice: GraphNode = {
    opType: "Slice",
    domain: "",
    name: "",
    inputs: [input, `${cropped} start`, `${cropped} end`, `${cropped} axes`],
    outputs: [cropped],
    attributes: {},
  };
  return { ...graph, initializers, nodes: [slice, ...nodes] };
}

/** Every value for one image; initializers are constants, as shapes may follow from them. */
function shapesOf(graph: Graph, input: string, image: Shape): ReadonlyMap<string, Value> {
  const g = new GraphBuilder();
  const bindings = new Map([[input, g.input(input, "float32", [1, ...image])]]);
  for (const [name, value] of graph.initializers) {
    bindings.set(name, g.initializer(name, value, { constant: true }));
  }
  return inlineGraph(g, graph, bindings);
}

const isMap = (value: Value | undefined): value is Value => value?.shape.length === 4;

/** What a node reads of its first input to make the wanted part of its output; undefined for all. */
function reach(node: GraphNode, wanted: Extent, values: ReadonlyMap<string, Value>): Extent | undefined {
  if (node.domain !== "") return undefined;
  if (perPixel.has(node.opType)) return wanted;
  const window = windowOf(node, values);
  if (!window) return undefined;
  const { kernel, strides, dilations, pads } = window;
  return wanted.map((n, i) => (n - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - pads[i]);
}

/** The window of a convolution, or of a pooling that rounds down and pads nothing. */
function windowOf(node: GraphNode, values: ReadonlyMap<string, Value>) {
  const spatial = values.get(node.inputs[0])?.shape.slice(2);
  if (spatial?.length !== 2) return undefined;
  if (node.opType === "Conv") {
    const kernel = values.get(node.inputs[1])!.shape.slice(2);
    return resolveWindow(node, spatial, kernel);
  }
  const isPool = (node.opType === "MaxPool" && node.outputs.length === 1) || node.opType === "AveragePool";
  if (!isPool || intAttribute(node, "ceil_mode", 0) === 1) return undefined;
  const window = resolveWindow(node, spatial, intsAttribute(node, "kernel_shape"));
  return window.pads.every((p) => p === 0) ? window : undefined;
}

/** A convolution whose last rows or columns nobody reads pads less at its end. */
function shortened(
  node: GraphNode,
  needed: ReadonlyMap<string, Extent>,
  values: ReadonlyMap<string, Value>,
): GraphNode {
  const wanted = needed.get(node.outputs[0]);
  const window = node.domain === "" && node.opType === "Conv" && wanted ? windowOf(node, values) : undefined;
  if (!window || wanted!.every((n, axis) => n === window.output[axis])) return node;
  const read = needed.get(node.inputs[0])!;
  const seen = reach(node, wanted!, values)!;
  const pads = [...window.pads.slice(0, 2), ...seen.map((n, axis) => Math.max(0, n - read[axis]))];
  return { ...node, attributes: { ...node.attributes, auto_pad: "NOTSET", pads } };
}
