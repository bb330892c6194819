/** BatchNormalization as exporters write it out: the forms of its arithmetic on stored statistics. */
import type { Graph, GraphNode } from "../onnx/index.ts";
import { numbersOf } from "../tensor/index.ts";

/** What one chain of nodes computes. */
export interface BatchNormalizationChain {
  /** Name of what is normalised. */
  readonly x: string;
  /** Initializers [C]; null where the layer has none. */
  readonly scale: string | null;
  readonly bias: string | null;
  readonly mean: string;
  readonly variance: string;
  readonly epsilon: number;
  /** The value whose shape tells the channels' axis, as it meets x. */
  readonly factor: string;
  /** What earlier nodes make of it that is a chain as well, without scale or bias. */
  readonly inner: readonly string[];
}

type Chain = BatchNormalizationChain;

/** Operators that change a vector's shape or type only. */
const passing = new Set(["Reshape", "Unsqueeze", "Squeeze", "Identity", "Cast"]);

/** s = γ/√(σ² + ε), with or without γ. */
type Factor = Pick<Chain, "scale" | "variance" | "epsilon">;

/** Finds such chains in a graph. */
export class ChainReader {
  readonly #makers = new Map<string, GraphNode>();
  readonly #read = new Set<string>();

  constructor(private readonly graph: Graph) {
    for (const node of graph.nodes) {
      for (const output of node.outputs) this.#makers.set(output, node);
      for (const input of node.inputs) this.#read.add(input);
    }
    for (const { name } of graph.outputs) this.#read.add(name);
  }

  isRead = (name: string): boolean => this.#read.has(name);

  /** The longest chain that ends in a node. */
  chainOf(node: GraphNode): Chain | undefined {
    if (node.domain !== "") return undefined;
    return this.#scaledAndShifted(node) ?? this.#centred(node);
  }

  /** x·s + (β − μ·s), x·s − μ·s. */
  #scaledAndShifted(node: GraphNode): Chain | undefined {
    if (node.opType !== "Add" && node.opType !== "Sub") return undefined;
    for (const [product, shift] of orders(node)) {
      for (const { x, name, factor } of this.#factors(product)) {
        const found = node.opType === "Add" ? this.#shift(shift, name) : this.#subtracted(shift, name);
        if (found) return { x, ...factor, ...found, factor: name, inner: [product, shift] };
      }
    }
    return undefined;
  }

  /** (x − μ)·s + β, (x − μ)·s, (x − μ)/√(σ² + ε)·γ + β. */
  #centred(node: GraphNode): Chain | undefined {
    if (node.opType === "Add") {
      for (const [inner, beta] of orders(node)) {
        const bias = this.#vector(beta);
        const maker = this.#makers.get(inner);
        const chain = bias === undefined ? undefined : maker && this.#centred(maker);
        if (chain && chain.bias === null) return { ...chain, bias: bias!, inner: [inner, ...chain.inner] };
      }
      return undefined;
    }
    for (const { x: centred, name, factor } of this.#factors(node.outputs[0])) {
      const maker = this.#makers.get(centred);
      if (maker?.opType !== "Sub") continue;
      const mean = this.#vector(maker.inputs[1]);
      if (mean !== undefined)
        return { x: maker.inputs[0], ...factor, bias: null, mean, factor: name, inner: [centred] };
    }
    // The division by the root first, then γ.
    if (node.opType !== "Mul") return undefined;
    for (const [inner, gamma] of orders(node)) {
      const scale = this.#vector(gamma);
      const maker = this.#makers.get(inner);
      const chain = scale === undefined ? undefined : maker && this.#centred(maker);
      if (chain && chain.scale === null && chain.bias === null)
        return { ...chain, scale: scale!, inner: [inner, ...chain.inner] };
    }
    return undefined;
  }

  /** Ways to read a value as x·s or x/√(σ² + ε). */
  #factors(value: string): { x: string; name: string; factor: Factor }[] {
    const node = this.#makers.get(value);
    if (node?.opType === "Div") {
      const variance = this.#root(node.inputs[1]);
      return variance
        ? [{ x: node.inputs[0], name: node.inputs[1], factor: { scale: null, ...variance } }]
        : [];
    }
    if (node?.opType !== "Mul") return [];
    return orders(node).flatMap(([x, name]) => {
      const factor = this.#factor(name);
      return factor ? [{ x, name, factor }] : [];
    });
  }

  #factor(name: string): Factor | undefined {
    const alone = this.#reciprocalRoot(name);
    if (alone) return { scale: null, ...alone };
    const node = this.#maker(name);
    if (node?.opType === "Div") {
      const [scale, variance] = [this.#vector(node.inputs[0]), this.#root(node.inputs[1])];
      return scale !== undefined && variance ? { scale, ...variance } : undefined;
    }
    if (node?.opType !== "Mul") return undefined;
    for (const [root, gamma] of orders(node)) {
      const [variance, scale] = [this.#reciprocalRoot(root), this.#vector(gamma)];
      if (variance && scale !== undefined) return { scale, ...variance };
    }
    return undefined;
  }

  /** 1/√(σ² + ε). */
  #reciprocalRoot(name: string): Pick<Chain, "variance" | "epsilon"> | undefined {
    const node = this.#maker(name);
    if (node?.opType === "Reciprocal") return this.#root(node.inputs[0]);
    if (node?.opType === "Div" && this.#number(node.inputs[0]) === 1) return this.#root(node.inputs[1]);
    if (node?.opType === "Pow" && this.#number(node.inputs[1]) === -0.5) return this.#sum(node.inputs[0]);
    return undefined;
  }

  #root(name: string): Pick<Chain, "variance" | "epsilon"> | undefined {
    const node = this.#maker(name);
    if (node?.opType === "Sqrt") return this.#sum(node.inputs[0]);
    return node?.opType === "Pow" && this.#number(node.inputs[1]) === 0.5
      ? this.#sum(node.inputs[0])
      : undefined;
  }

  /** σ² + ε. */
  #sum(name: string): Pick<Chain, "variance" | "epsilon"> | undefined {
    const node = this.#maker(name);
    if (node?.opType !== "Add") return undefined;
    for (const [first, second] of orders(node)) {
      const [variance, epsilon] = [this.#vector(first), this.#number(second)];
      if (variance !== undefined && epsilon !== undefined && epsilon > 0 && epsilon < 1)
        return { variance, epsilon };
    }
    return undefined;
  }

  /** β − μ·s in the forms (−μ)·s + β, β − μ·s, (−μ)·s. */
  #shift(name: string, factor: string): Pick<Chain, "bias" | "mean"> | undefined {
    const node = this.#maker(name);
    const bare = this.#negatedMean(name, factor);
    if (bare !== undefined) return { bias: null, mean: bare };
    if (node?.opType === "Add") {
      for (const [product, beta] of orders(node)) {
        const [mean, bias] = [this.#negatedMean(product, factor), this.#vector(beta)];
        if (mean !== undefined && bias !== undefined) return { bias, mean };
      }
    }
    if (node?.opType !== "Sub") return undefined;
    const [bias, subtracted] = [this.#vector(node.inputs[0]), this.#subtracted(node.inputs[1], factor)];
    return bias !== undefined && subtracted ? { ...subtracted, bias } : undefined;
  }

  /** μ·s */
  #subtracted(name: string, factor: string): Pick<Chain, "bias" | "mean"> | undefined {
    const node = this.#maker(name);
    if (node?.opType !== "Mul") return undefined;
    for (const [first, second] of orders(node)) {
      const mean = second === factor ? this.#vector(first) : undefined;
      if (mean !== undefined) return { bias: null, mean };
    }
    return undefined;
  }

  /** (−μ)·s */
  #negatedMean(name: string, factor: string): string | undefined {
    const node = this.#maker(name);
    if (node?.opType !== "Mul") return undefined;
    for (const [first, second] of orders(node)) {
      const negated = second === factor ? this.#maker(first) : undefined;
      if (negated?.opType === "Neg") return this.#vector(negated.inputs[0]);
    }
    return undefined;
  }

  /** The initializer behind what only changes its shape, where it holds more than a number for all channels. */
  #vector(name: string): string | undefined {
    const own = this.#behind(name);
    return this.graph.initializers.has(own) ? own : undefined;
  }

  #number(name: string): number | undefined {
    const tensor = this.graph.initializers.get(this.#behind(name));
    return tensor?.dtype === "float32" && tensor.data.length === 1 ? numbersOf(tensor)[0] : undefined;
  }

  #behind(name: string): string {
    let at = name;
    for (let node = this.#makers.get(at); node && passing.has(node.opType); node = this.#makers.get(at)) {
      [at] = node.inputs;
    }
    return at;
  }

  #maker = (name: string): GraphNode | undefined => this.#makers.get(this.#behind(name));
}

/** Both orders of a node's two operands; the one order of a subtraction. */
const orders = ({ opType, inputs: [a, b] }: GraphNode): (readonly [string, string])[] =>
  opType === "Sub"
    ? [[a, b]]
    : [
        [a, b],
        [b, a],
      ];
