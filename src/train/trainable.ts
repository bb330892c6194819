/** Which tensors of a graph are parameters, and which of them a run trains. */
import { type Graph, type GraphNode } from "../onnx/index.ts";
import { type Tensor, UsageError, sizeOf } from "../tensor/index.ts";

/**
 * What a run trains: "all" parameters, those of the last layers, or the float32 initializers whose names match one of
 * the patterns, in which `*` stands for any characters.
 */
export type Trainable = "all" | readonly string[] | { readonly last: number };

/** Where each operator takes parameters, by input index. Running statistics of BatchNormalization are none. */
const parameterInputs: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [0, 1, 2],
  MatMul: [0, 1],
  Einsum: [0, 1],
  BatchNormalization: [1, 2],
  LayerNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  GroupNormalization: [1, 2],
  RMSNormalization: [1],
  PRelu: [1],
};

/** Operators that join activations with parameters of no layer: position embeddings, class tokens, layer scales. */
const joining = new Set(["Add", "Sub", "Mul", "Div", "Concat"]);

/** Operators that hand a parameter on, as when an exporter transposes a weight inside the graph. */
const passThrough = new Set(["Identity", "Transpose", "Reshape", "Unsqueeze", "Squeeze", "Flatten"]);

/** … and those that do on the way to a joining operator. */
const spreading = new Set([...passThrough, "Expand", "Tile", "Slice", "Gather"]);

/** Names that exporters give to constants which they made up or folded. */
const isAnonymous = (name: string): boolean => /^(onnx::|\/|_?val_)|Constant/.test(name);

/**
 * The parameters layer by layer, in the order in which the graph uses them (a shared one where it is used last).
 *
 * A parameter is a float32 initializer that an operator uses as weight, scale, bias or slope; the bias added to a
 * matrix product; and a named tensor of several elements that is added to, multiplied with or joined to activations
 * behind a layer. What acts on the images alone, such as the mean and standard deviation they are normalised by, is
 * a constant.
 */
export function parameterLayers(graph: Graph): string[][] {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((o) => [o, node] as const)));
  const layers: { readonly made: Set<string>; readonly names: Set<string> }[] = [];
  const behindLayer = new Set<string>();
  /** The initializer that reaches a value by operators of a kind alone, if one does. */
  const sourcesOf = (value: string, handOn: ReadonlySet<string>): string[] => {
    let name = value;
    for (;;) {
      if (graph.initializers.get(name)?.dtype === "float32") return [name];
      const node = producers.get(name);
      if (!node || !handOn.has(node.opType)) return [];
      name = node.inputs[0];
    }
  };
  for (const node of graph.nodes) {
    const isBehind = node.inputs.map((name) => behindLayer.has(name));
    let names = (parameterInputs[node.opType] ?? []).flatMap((i) =>
      node.inputs[i] ? sourcesOf(node.inputs[i], passThrough) : [],
    );
    const product = node.opType === "Add" ? biasedProduct(node, producers) : undefined;
    if (product)
      names = node.inputs.flatMap((name) => (name === product ? [] : sourcesOf(name, passThrough)));
    else if (joining.has(node.opType) && isBehind.includes(true)) {
      names = node.inputs
        .filter((_, i) => !isBehind[i])
        .flatMap((name) => sourcesOf(name, spreading))
        .filter((name) => sizeOf(graph.initializers.get(name)!.shape) > 1 && !isAnonymous(name));
    }
    // Shapes of activations are no activations.
    const isActivation = node.opType !== "Shape" && node.opType !== "Size";
    if (isActivation && (names.length > 0 || isBehind.includes(true)))
      node.outputs.forEach((o) => behindLayer.add(o));
    if (names.length === 0) continue;
    // A bias that is added on its own belongs to its product's layer.
    const own = layers.find((layer) => product !== undefined && layer.made.has(product));
    const layer = own ?? { made: new Set<string>(), names: new Set<string>() };
    if (!own) layers.push(layer);
    for (const name of names) {
      for (const other of layers) other.names.delete(name);
      layer.names.add(name);
    }
    node.outputs.forEach((o) => layer.made.add(o));
  }
  return layers.map(({ names }) => [...names]).filter((names) => names.length > 0);
}

/** The input of an Add that is a matrix product: its other input is the product's bias. */
const biasedProduct = (node: GraphNode, producers: ReadonlyMap<string, GraphNode>): string | undefined =>
  node.inputs.find((name) => producers.get(name)?.opType === "MatMul");

/** Names of all parameters, in the file's order. */
export const trainableNames = (graph: Graph): string[] => inFileOrder(graph, parameterLayers(graph).flat());

/**
 * Names of the parameters that a choice trains, in the file's order.
 *
 * @throws UsageError for a pattern that matches nothing, or a choice that trains nothing
 */
export function chosenNames(graph: Graph, choice: Trainable): string[] {
  if (choice === "all") return trainableNames(graph);
  if ("last" in choice) {
    if (!Number.isInteger(choice.last) || choice.last < 1) {
      throw new UsageError(
        `trainable: the last ${choice.last} layers cannot train. Give a whole number from 1.`,
      );
    }
    return inFileOrder(graph, parameterLayers(graph).slice(-choice.last).flat());
  }
  const candidates = [...graph.initializers]
    .filter(([, value]) => isParameterType(value))
    .map(([name]) => name);
  const chosen = choice.flatMap((pattern) => {
    const matches = candidates.filter(matcher(pattern));
    if (matches.length > 0) return matches;
    throw new UsageError(
      `trainable: no float32 initializer of the model is called "${pattern}". Its parameters are: ` +
        `${trainableNames(graph).join(", ")}. "*" stands for any characters.`,
    );
  });
  if (chosen.length === 0)
    throw new UsageError(`trainable: no pattern is given. Name what trains, or "all".`);
  return inFileOrder(graph, chosen);
}

const isParameterType = ({ dtype, shape }: Tensor): boolean => dtype === "float32" && sizeOf(shape) > 0;

function matcher(pattern: string): (name: string) => boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join(".*")}$`, "s");
  return (name) => expression.test(name);
}

function inFileOrder(graph: Graph, names: readonly string[]): string[] {
  const wanted = new Set(names);
  return [...graph.initializers.keys()].filter((name) => wanted.has(name));
}
