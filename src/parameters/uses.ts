/** How a graph uses a stored tensor: which operators take it, and as what. */
import type { Graph, GraphNode } from "../onnx/index.ts";

/** One operator that takes a tensor, directly or by way of operators that hand it on. */
export interface Use {
  readonly node: GraphNode;
  readonly input: number;
  /** Of the node in the graph. */
  readonly index: number;
}

/** What an operator calls the inputs that layers learn. Running statistics of BatchNormalization are none. */
const layerInputs: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  Conv: { 1: "weight", 2: "bias" },
  ConvTranspose: { 1: "weight", 2: "bias" },
  Gemm: { 0: "weight", 1: "weight", 2: "bias" },
  MatMul: { 0: "weight", 1: "weight" },
  Einsum: { 0: "weight", 1: "weight", 2: "weight" },
  BatchNormalization: { 1: "scale", 2: "bias" },
  LayerNormalization: { 1: "scale", 2: "bias" },
  InstanceNormalization: { 1: "scale", 2: "bias" },
  GroupNormalization: { 1: "scale", 2: "bias" },
  RMSNormalization: { 1: "scale" },
  PRelu: { 1: "slope" },
};

/** "weight of Conv" where a layer's operator takes it as what it learns. */
export function layerPart({ node, input }: Use): string | undefined {
  const part = Object.hasOwn(layerInputs, node.opType) ? layerInputs[node.opType][input] : undefined;
  return part && `${part} of ${node.opType}`;
}

export const isNormalization = (opType: string): boolean => /Normalization$/.test(opType);

/** Operators that multiply by a weight. */
const products = new Set(["MatMul", "Conv", "ConvTranspose", "Gemm", "Einsum"]);

/** Operators that hand a tensor on, as when an exporter transposes a weight inside the graph. */
const passing = new Set([
  "Identity",
  "Transpose",
  "Reshape",
  "Unsqueeze",
  "Squeeze",
  "Flatten",
  "Cast",
  "CastLike",
]);

/** … and those that do while they repeat it or pick of it. */
const handingOn = new Set([...passing, "Expand", "Tile", "Slice", "Gather"]);

/** A graph's readers and producers. */
export class GraphUses {
  readonly #readers = new Map<string, { node: GraphNode; input: number; index: number }[]>();
  readonly #producers = new Map<string, GraphNode>();

  /** @param within  only nodes that make one of these values count */
  constructor({ nodes }: Graph, within: ReadonlySet<string>) {
    nodes.forEach((node, index) => {
      for (const output of node.outputs) this.#producers.set(output, node);
      if (!node.outputs.some((output) => within.has(output))) return;
      node.inputs.forEach((name, input) => {
        if (name === "") return;
        const readers = this.#readers.get(name);
        if (readers) readers.push({ node, input, index });
        else this.#readers.set(name, [{ node, input, index }]);
      });
    });
  }

  /** Who uses a tensor in the end, in the graph's order. */
  usesOf(name: string): Use[] {
    const uses: Use[] = [];
    const waiting = [name];
    const seen = new Set(waiting);
    for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
      for (const use of this.#readers.get(value) ?? []) {
        if (use.input !== 0 || !handingOn.has(use.node.opType)) uses.push(use);
        else if (!seen.has(use.node.outputs[0])) {
          seen.add(use.node.outputs[0]);
          waiting.push(use.node.outputs[0]);
        }
      }
    }
    return uses.sort((a, b) => a.index - b.index);
  }

  /** The operator that made a value, behind those that only hand it on. */
  maker(name: string): GraphNode | undefined {
    let node = this.#producers.get(name);
    while (node && passing.has(node.opType)) node = this.#producers.get(node.inputs[0]);
    return node;
  }

  /** The product that an Add or Sub gives a bias to, by its other input. */
  biasedProduct({ node, input }: Use): GraphNode | undefined {
    if (node.opType !== "Add" && node.opType !== "Sub") return undefined;
    const maker = this.maker(node.inputs[1 - input]);
    return maker && products.has(maker.opType) ? maker : undefined;
  }

  /** The normalization whose result this Mul, Div, Add or Sub scales or shifts; two of them may follow each other. */
  scaledNormalization({ node, input }: Use): GraphNode | undefined {
    if (!["Mul", "Div", "Add", "Sub"].includes(node.opType)) return undefined;
    const maker = this.maker(node.inputs[1 - input]);
    if (!maker) return undefined;
    if (isNormalization(maker.opType)) return maker;
    if (maker.opType !== "Mul" && maker.opType !== "Div") return undefined;
    const inner = maker.inputs.map((name) => this.maker(name)).find((n) => n && isNormalization(n.opType));
    return inner;
  }
}
