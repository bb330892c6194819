/** How the nodes of a model that was exported for one batch size are changed, so that they follow another. */
import { type Shape, ShapeError, type Tensor, int64, numbersOf, sizeOf } from "../tensor/index.ts";
import { describeNode } from "./attribute.ts";
import type { GraphBuilder } from "./builder.ts";
import { singleCopy } from "./copies.ts";
import { ModelError } from "./errors.ts";
import type { Graph, GraphNode } from "./graph.ts";
import type { Value } from "./value.ts";

/** Operators that take a length of 1 for as many as there are. */
const broadcasting = new Set(
  ["Add", "Sub", "Mul", "Div", "Pow", "Mod", "Max", "Min", "Sum", "Mean", "Where", "MatMul", "PRelu"].concat([
    "Equal",
    "Greater",
    "GreaterOrEqual",
    "Less",
    "LessOrEqual",
    "And",
    "Or",
    "Xor",
    "Expand",
  ]),
);

/** Goes through the nodes at another batch size, and changes those that fail. */
export class BatchFollower {
  readonly initializers: [string, Tensor][] = [];
  /** Stored tensors that hold a copy for each image of the file's batch, and the axis of the copies. */
  readonly repeated = new Map<string, number>();
  readonly #producers: ReadonlyMap<string, GraphNode>;
  /** For values in whose batch axis other elements come first, such as [L·N, E]: how many. */
  readonly #outer = new Map<string, number>();
  #made = 0;

  /**
   * @param before  every value at the file's batch size
   * @param after   those at the other one, as far as they are known
   */
  constructor(
    readonly graph: Graph,
    readonly before: ReadonlyMap<string, Value>,
    readonly after: Map<string, Value>,
    readonly g: GraphBuilder,
  ) {
    this.#producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((o) => [o, node] as const)));
  }

  follow(node: GraphNode): GraphNode[] {
    const nodes = this.#adapted(node);
    const outer = node.inputs.map((name) => this.#outer.get(name)).find((count) => count !== undefined);
    if (outer !== undefined && node.opType !== "Reshape") {
      for (const output of node.outputs) this.#outer.set(output, outer);
    }
    for (const { opType, domain, name, inputs, outputs, attributes } of nodes) {
      const made = this.g.op(opType, this.#values(inputs), attributes, {
        domain,
        name,
        outputs: outputs.length,
      });
      outputs.forEach((output, i) => output !== "" && this.after.set(output, made[i]));
    }
    return nodes;
  }

  #values(names: readonly string[]): (Value | null)[] {
    return names.map((name) => (name === "" ? null : this.after.get(name)!));
  }

  #adapted(node: GraphNode): GraphNode[] {
    if (!node.inputs.some((name) => this.#changedAxis(name) !== undefined)) return [node];
    if (node.opType === "Reshape") return this.#reshape(node);
    if (node.opType === "Expand") return this.#expand(node);
    try {
      this.g.op(node.opType, this.#values(node.inputs), node.attributes, {
        domain: node.domain,
        outputs: node.outputs.length,
      });
      return [node];
    } catch (cause) {
      if (!(cause instanceof ShapeError)) throw cause;
      const repeated = this.#unrepeated(node);
      if (repeated) return repeated;
      throw new ModelError(
        `The model was exported for one batch size, and ${describeNode(node)} cannot follow another ` +
          `(${cause.message}) Export it again with a dynamic batch (dynamic_axes, or dynamic_shapes).`,
        { cause },
      );
    }
  }

  /** The axis along which a value's length depends on the batch. */
  #changedAxis(name: string): number | undefined {
    const [before, after] = [this.before.get(name)?.shape, this.after.get(name)?.shape];
    const axis = before && after ? before.findIndex((length, i) => length !== after[i]) : -1;
    return axis < 0 ? undefined : axis;
  }

  /** Lets the axis that holds the batch follow from the others. */
  #reshape(node: GraphNode): GraphNode[] {
    const [x, shape] = node.inputs;
    const axis = this.#changedAxis(x);
    if (axis === undefined || !this.after.get(shape)?.constant) return [node];
    const from = this.before.get(x)!.shape;
    const to = this.before.get(node.outputs[0])!.shape;
    const outside = sizeOf(from.slice(0, axis)) * (this.#outer.get(x) ?? 1);
    const held = axisOfBatch(outside, to);
    const outer = outside / sizeOf(to.slice(0, held));
    if (outer > 1) this.#outer.set(node.outputs[0], outer);
    const scale = this.after.get(x)!.shape[axis] / from[axis];
    const wanted = to.with(held, to[held] * scale);
    try {
      const tried = this.g.op1("Reshape", this.#values(node.inputs), node.attributes);
      if (tried.shape.join() === wanted.join()) return [node];
    } catch (cause) {
      if (!(cause instanceof ShapeError)) throw cause;
    }
    // A leading batch that stays as it is is copied: such a reshape can be seen to keep rows apart.
    const kept = held === 0 && axis === 0 && to[0] === from[0];
    return [{ ...node, inputs: [x, this.#constant(to.with(held, kept ? 0 : -1))], attributes: {} }];
  }

  /** Keeps the length that the batch has: a target of 1 there is as good as the batch of the file. */
  #expand(node: GraphNode): GraphNode[] {
    const [x, target] = node.inputs;
    const axis = this.#changedAxis(x);
    const given = this.after.get(target)?.constant;
    if (axis === undefined || !given) return [node];
    const lengths = numbersOf(given);
    const at = axis + lengths.length - this.after.get(x)!.shape.length;
    if (lengths[at] !== this.before.get(x)!.shape[axis]) return [node];
    return [{ ...node, inputs: [x, this.#constant(lengths.with(at, 1))] }];
  }

  /** Operands that hold a copy for each image of the file's batch are taken once, and repeated for the batch there is. */
  #unrepeated(node: GraphNode): GraphNode[] | undefined {
    const rank = Math.max(...node.inputs.map((name) => this.after.get(name)?.shape.length ?? 0));
    const guide = node.inputs.find((name) => this.#changedAxis(name) !== undefined)!;
    const fromEnd = this.after.get(guide)!.shape.length - this.#changedAxis(guide)!;
    const added: GraphNode[] = [];
    const inputs = node.inputs.map((name) => {
      const value = this.after.get(name);
      const axis = (value?.shape.length ?? 0) - fromEnd;
      if (!value || this.#changedAxis(name) !== undefined || axis < 0) return name;
      const single = value.shape[axis] === 1 ? name : this.#source(name, axis);
      if (single === undefined || broadcasting.has(node.opType)) return single ?? name;
      const repeated = this.#repeat(single, axis, guide, rank);
      added.push(...repeated);
      return repeated.at(-1)!.outputs[0];
    });
    return inputs.some((name, i) => name !== node.inputs[i]) ? [...added, { ...node, inputs }] : undefined;
  }

  /** What an Expand or a Tile repeated along an axis, or one of the copies that a stored tensor holds. */
  #source(name: string, axis: number): string | undefined {
    const stored = this.graph.initializers.get(name);
    const single = stored && singleCopy(stored, axis);
    if (single) {
      this.repeated.set(name, axis);
      return this.#stored("copy", single);
    }
    const producer = this.#producers.get(name);
    if (producer?.opType !== "Expand" && producer?.opType !== "Tile") return undefined;
    const [source] = producer.inputs;
    const { shape } = this.before.get(source)!;
    const own = axis - (this.before.get(name)!.shape.length - shape.length);
    const others = this.before.get(name)!.shape.with(axis, 1);
    const isOnlyAxis = sizeOf(others) === sizeOf(shape);
    return isOnlyAxis && (own < 0 || shape[own] === 1) ? source : undefined;
  }

  /** A tensor of length 1 along an axis, repeated as often as `guide` is long there. */
  #repeat(name: string, axis: number, guide: string, rank: number): GraphNode[] {
    const [shape, length, target, repeated] = ["shape", "length", "target", "repeated"].map((part) =>
      this.#fresh(part),
    );
    const ones = (count: number) => this.#constant(Array<number>(count).fill(1));
    const node = (opType: string, inputs: string[], output: string, attributes = {}): GraphNode => ({
      opType,
      domain: "",
      name: "",
      inputs,
      outputs: [output],
      attributes,
    });
    const parts = [
      ...(axis > 0 ? [ones(axis)] : []),
      length,
      ...(axis < rank - 1 ? [ones(rank - 1 - axis)] : []),
    ];
    return [
      node("Shape", [guide], shape),
      node("Slice", [shape, this.#constant([axis]), this.#constant([axis + 1])], length),
      node("Concat", parts, target, { axis: 0 }),
      node("Expand", [name, target], repeated),
    ];
  }

  #constant(values: readonly number[]): string {
    return this.#stored("lengths", int64(values));
  }

  #stored(part: string, value: Tensor): string {
    const name = this.#fresh(part);
    this.initializers.push([name, value]);
    this.after.set(name, this.g.constant(value));
    return name;
  }

  #fresh(part: string): string {
    return `batch ${part} ${++this.#made}`;
  }
}

/**
 * The axis of a reshaped tensor that the batch ends up in: the first one with as many elements outside it as are
 * outside the batch, or else the one that the batch was merged into. With one image both may be meant; a matrix then has
 * the batch in its rows, as the features of a linear layer are its columns.
 *
 * @param outside  how many elements the batch had outside it
 */
function axisOfBatch(outside: number, to: Shape): number {
  const exact = to.findIndex((_, j) => sizeOf(to.slice(0, j)) === outside);
  if (exact === 0 || (exact > 0 && to.length !== 2)) return exact;
  return Math.max(
    0,
    to.findIndex((_, j) => sizeOf(to.slice(0, j + 1)) >= outside),
  );
}
