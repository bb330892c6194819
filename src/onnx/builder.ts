import {
  type DType,
  type Shape,
  ShapeError,
  type Tensor,
  float32,
  int64,
  normalizeAxis,
  numbersOf,
  shapesEqual,
  tensor,
} from "../tensor/index.ts";
import { type Attributes, describeNode } from "./attribute.ts";
import { ModelError, UnsupportedOpError } from "./errors.ts";
import { expansions } from "./expand/index.ts";
import { constantNodeValue, foldNode } from "./fold/index.ts";
import { CURRENT_OPSET, type Graph, type GraphNode, type ValueInfo } from "./graph.ts";
import { type InferenceExtension, inferOutputs } from "./infer/index.ts";
import { dataTypeOf } from "./tensor-proto.ts";
import type { InferenceNode } from "./infer/rule.ts";
import type { TypedNode, Value, ValueType } from "./value.ts";

export interface NodeOptions {
  domain?: string;
  name?: string;
  /** How many outputs to ask for (default 1), or their names; an empty name is an output nobody wants. */
  outputs?: number | readonly string[];
}

/**
 * Builds a graph node by node. Types and static shapes are inferred as nodes are added, so a mistake is reported
 * where it is made, and nodes with constant inputs are folded, so shape arithmetic never reaches the graph. Nodes take
 * the form that they have at the current opset.
 */
export class GraphBuilder {
  readonly nodes: TypedNode[] = [];
  readonly #inputs: ValueInfo[] = [];
  readonly #initializers = new Map<string, Tensor>();
  readonly #constants = new Map<string, Value>();
  readonly #names = new Set<string>();
  readonly #reserved = new Set<string>();
  readonly #counters = new Map<string, number>();
  readonly #extension: InferenceExtension | undefined;
  /** Before the names of what is made, "" but inside an operator that is written out. */
  #scope = "";

  /** @param extension  inference rules for operators outside ONNX */
  constructor({ extension }: { extension?: InferenceExtension } = {}) {
    this.#extension = extension;
  }

  /** A graph input. */
  input(name: string, dtype: DType, shape: Shape): Value {
    this.#claim(name);
    this.#inputs.push({ name, dtype, shape });
    return { name, dtype, shape };
  }

  /** A named tensor stored in the graph. Only a `constant` one takes part in folding; a parameter must not. */
  initializer(name: string, value: Tensor, { constant = false } = {}): Value {
    this.#claim(name);
    this.#initializers.set(name, value);
    return { name, dtype: value.dtype, shape: value.shape, constant: constant ? value : undefined };
  }

  /** An unnamed constant. Equal small constants share one initializer. */
  constant(value: Tensor): Value {
    const key =
      value.data.length <= 16
        ? `${value.dtype} [${value.shape}] ${numbersOf(value).map(signed).join()}`
        : undefined;
    const known = key === undefined ? undefined : this.#constants.get(key);
    if (known) return known;
    const name = this.#inScope("", () => this.uniqueName("constant"));
    this.#initializers.set(name, value);
    const made: Value = { name, dtype: value.dtype, shape: value.shape, constant: value };
    if (key !== undefined) this.#constants.set(key, made);
    return made;
  }

  /** Adds a node and returns its outputs. @throws ShapeError, UnsupportedOpError, ModelError */
  op(
    opType: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes = {},
    { domain = "", name = "", outputs = 1 }: NodeOptions = {},
  ): Value[] {
    const trimmed = [...inputs];
    while (trimmed.at(-1) === null) trimmed.pop();
    const outputCount = typeof outputs === "number" ? outputs : outputs.length;
    const node = { opType, domain, name, inputs: trimmed, attributes, outputCount };
    if (domain === "" && opType === "Constant") return [this.constant(constantNodeValue(node))];
    const expansion = domain === "" ? expansions.get(opType) : undefined;
    if (!expansion) checkTensors(node);
    const types = expansion
      ? this.#inScope(scopeOf(outputs), () => expansion(this, node))
      : inferOutputs(node, this.#extension);
    if (types.length < outputCount) {
      throw new ModelError(`${describeNode(node)} has ${types.length} outputs, not ${outputCount}.`);
    }
    if (expansion) return (types as readonly Value[]).slice(0, outputCount);
    const folded = domain === "" ? foldNode(node, types) : undefined;
    if (folded) return folded.slice(0, outputCount).map((value) => this.constant(value));
    const made = types.slice(0, outputCount).map((type, i) => this.#output(opType, type, outputs, i));
    this.nodes.push({ opType, domain, name, inputs: trimmed, outputs: made, attributes });
    return made;
  }

  /** What is made meanwhile gets names that begin so. */
  #inScope<T>(scope: string, make: () => T): T {
    const outer = this.#scope;
    this.#scope = scope;
    try {
      return make();
    } finally {
      this.#scope = outer;
    }
  }

  /** Adds a node and returns its first output. */
  op1(
    opType: string,
    inputs: readonly (Value | null)[],
    attributes?: Attributes,
    options?: NodeOptions,
  ): Value {
    return this.op(opType, inputs, attributes, options)[0];
  }

  /** The finished graph. Nodes and initializers that no output needs are left out. */
  build(name: string, outputs: readonly Value[] | Readonly<Record<string, Value>>): Graph {
    const named = Array.isArray(outputs)
      ? (outputs as readonly Value[]).map((value) => [value.name, value] as const)
      : Object.entries(outputs as Readonly<Record<string, Value>>);
    const infos: ValueInfo[] = [];
    const renamed = new Map<string, string>();
    for (const [outputName, value] of named) {
      let source = value;
      if (outputName !== value.name && (this.#isSource(value.name) || renamed.has(value.name))) {
        // A graph input, a constant, or a value that is an output already: it keeps its name, a copy gets the new one.
        source = this.op1("Identity", [{ ...value, constant: undefined }]);
      }
      renamed.set(source.name, outputName);
      infos.push({ name: outputName, dtype: value.dtype, shape: value.shape });
    }
    const nodes = this.#neededFor(new Set(renamed.keys()), (value) => renamed.get(value) ?? value);
    const used = new Set(nodes.flatMap((node) => node.inputs));
    return {
      name,
      inputs: this.#inputs,
      outputs: infos,
      nodes,
      initializers: new Map([...this.#initializers].filter(([key]) => used.has(key))),
      opsets: new Map([
        ["", CURRENT_OPSET],
        ...[...new Set(nodes.map((n) => n.domain))].filter(Boolean).map((domain) => [domain, 1] as const),
      ]),
    };
  }

  /** A name that nothing in this graph has yet, from a stem. */
  uniqueName(kind: string): string {
    const stem = this.#scope + kind;
    for (;;) {
      const count = (this.#counters.get(stem) ?? 0) + 1;
      this.#counters.set(stem, count);
      const name = `${stem}_${count}`;
      if (!this.#names.has(name) && !this.#reserved.has(name)) {
        this.#names.add(name);
        return name;
      }
    }
  }

  /** Keeps names for nodes that will be added later: {@link uniqueName} does not give them away. */
  reserve(names: Iterable<string>): void {
    for (const name of names) this.#reserved.add(name);
  }

  #isSource(name: string): boolean {
    return this.#initializers.has(name) || this.#inputs.some((input) => input.name === name);
  }

  #output(opType: string, type: ValueType, outputs: number | readonly string[], index: number): Value {
    const wanted = typeof outputs === "number" ? undefined : outputs[index];
    if (wanted) this.#claim(wanted);
    return { name: wanted || this.uniqueName(opType), ...type };
  }

  #claim(name: string): void {
    if (this.#names.has(name)) throw new ModelError(`The graph has two values named "${name}".`);
    this.#names.add(name);
  }

  #neededFor(wanted: Set<string>, finalName: (name: string) => string): GraphNode[] {
    const needed: GraphNode[] = [];
    for (const node of this.nodes.toReversed()) {
      if (!node.outputs.some((output) => wanted.has(output.name))) continue;
      for (const input of node.inputs) if (input) wanted.add(input.name);
      needed.push({
        ...node,
        inputs: node.inputs.map((input) => (input ? finalName(input.name) : "")),
        outputs: node.outputs.map((output) => finalName(output.name)),
      });
    }
    return needed.reverse();
  }

  // The operators that gradients, lowerings and objectives are written with.

  scalar = (value: number): Value => this.constant(float32([], [value]));
  ints = (values: readonly number[]): Value => this.constant(int64(values));
  full = (shape: Shape, value: number, dtype: DType = "float32"): Value =>
    this.expand(this.constant(filled(dtype, value)), shape);

  add = (a: Value, b: Value): Value => this.op1("Add", [a, b]);
  sub = (a: Value, b: Value): Value => this.op1("Sub", [a, b]);
  mul = (a: Value, b: Value): Value => this.op1("Mul", [a, b]);
  div = (a: Value, b: Value): Value => this.op1("Div", [a, b]);
  neg = (x: Value): Value => this.op1("Neg", [x]);
  exp = (x: Value): Value => this.op1("Exp", [x]);
  log = (x: Value): Value => this.op1("Log", [x]);
  sqrt = (x: Value): Value => this.op1("Sqrt", [x]);
  pow = (x: Value, y: Value): Value => this.op1("Pow", [x, y]);
  equal = (a: Value, b: Value): Value => this.op1("Equal", [a, b]);
  greater = (a: Value, b: Value): Value => this.op1("Greater", [a, b]);
  where = (condition: Value, a: Value, b: Value): Value => this.op1("Where", [condition, a, b]);
  /** x·c for a plain number c. */
  scale = (x: Value, factor: number): Value =>
    factor === 1 ? x : this.mul(x, this.constant(filled(x.dtype, factor)));
  cast = (x: Value, dtype: DType): Value =>
    x.dtype === dtype ? x : this.op1("Cast", [x], { to: dataTypeOf(dtype) });
  logSoftmax = (x: Value, axis: number): Value => this.op1("LogSoftmax", [x], { axis });
  matMul = (a: Value, b: Value): Value => this.op1("MatMul", [a, b]);
  /** alpha·op(A)·op(B) (+ C) of matrices. */
  gemm = (a: Value, b: Value, attributes: Attributes = {}, c: Value | null = null): Value =>
    this.op1("Gemm", c ? [a, b, c] : [a, b], attributes);

  sum = (x: Value, axes: readonly number[], { keep = false } = {}): Value =>
    this.#reduce("ReduceSum", x, axes, keep);
  mean = (x: Value, axes: readonly number[], { keep = false } = {}): Value =>
    this.#reduce("ReduceMean", x, axes, keep);
  max = (x: Value, axes: readonly number[], { keep = false } = {}): Value =>
    this.#reduce("ReduceMax", x, axes, keep);

  /** x with a new shape; -1 stands for the one length that follows from the others. */
  reshape = (x: Value, shape: Shape): Value => {
    if (shapesEqual(x.shape, shape)) return x;
    // ONNX reads 0 as "keep"; an empty tensor means 0 literally.
    return this.op1("Reshape", [x, this.ints(shape)], shape.includes(0) ? { allowzero: 1 } : {});
  };
  transpose = (x: Value, perm: readonly number[]): Value =>
    perm.every((axis, i) => axis === i) ? x : this.op1("Transpose", [x], { perm });
  expand = (x: Value, shape: Shape): Value =>
    shapesEqual(x.shape, shape) ? x : this.op1("Expand", [x, this.ints(shape)]);
  squeeze = (x: Value, axes: readonly number[]): Value => this.op1("Squeeze", [x, this.ints(axes)]);
  concat = (parts: readonly Value[], axis: number): Value =>
    parts.length === 1 ? parts[0] : this.op1("Concat", parts, { axis });
  /** Parts of the given lengths along an axis. */
  split = (x: Value, lengths: readonly number[], axis: number): Value[] =>
    lengths.length === 1
      ? [x]
      : this.op("Split", [x, this.ints(lengths)], { axis }, { outputs: lengths.length });
  /** Elements start, start + step, … below end, for each named axis. */
  slice = (
    x: Value,
    ranges: readonly { axis: number; start: number; end: number; step?: number }[],
  ): Value => {
    const pick = (f: (r: { axis: number; start: number; end: number; step?: number }) => number) =>
      this.ints(ranges.map(f));
    return this.op1("Slice", [
      x,
      pick((r) => r.start),
      pick((r) => r.end),
      pick((r) => r.axis),
      pick((r) => r.step ?? 1),
    ]);
  };
  /** Zeros before and after each axis; `pads` lists all befores, then all afters. */
  pad = (x: Value, pads: readonly number[]): Value =>
    pads.every((p) => p === 0) ? x : this.op1("Pad", [x, this.ints(pads)]);
  gather = (x: Value, indices: Value, axis = 0): Value => this.op1("Gather", [x, indices], { axis });

  /** Sums `x` down to a shape that broadcasts to it: the gradient of broadcasting. */
  sumTo = (x: Value, shape: Shape): Value => {
    if (shapesEqual(x.shape, shape)) return x;
    const extra = x.shape.length - shape.length;
    if (extra < 0) throw new ShapeError(`internal: [${x.shape}] cannot be summed to [${shape}].`);
    const axes = x.shape.flatMap((length, axis) =>
      axis < extra || (shape[axis - extra] === 1 && length !== 1) ? [axis] : [],
    );
    return this.reshape(axes.length > 0 ? this.sum(x, axes) : x, shape);
  };

  #reduce(opType: string, x: Value, axes: readonly number[], keep: boolean): Value {
    const normalized = axes.map((axis) => normalizeAxis(axis, x.shape.length));
    return this.op1(opType, [x, this.ints(normalized)], { keepdims: keep ? 1 : 0 });
  }
}

/** Copies of a graph name the parts of an operator that is written out alike: after its output. */
const scopeOf = (outputs: number | readonly string[]): string => {
  const name = typeof outputs === "number" ? undefined : outputs.find(Boolean);
  return name ? `${name}/` : "";
};

function checkTensors(node: InferenceNode): void {
  if (!node.inputs.some((value) => value?.parts)) return;
  throw new UnsupportedOpError(
    `${describeNode(node)} takes a sequence of tensors, which is not supported here. Export the model with tensors.`,
    { opType: node.opType, node: node.name },
  );
}

/** Keeps −0 apart from 0, which print alike. */
const signed = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

function filled(dtype: DType, value: number): Tensor {
  if (dtype === "float16") {
    throw new ModelError("Graphs in half precision can be run but not differentiated. Export in float32.");
  }
  const scalar = tensor(dtype, []);
  scalar.data[0] = dtype === "int64" || dtype === "uint64" ? BigInt(value) : value;
  return scalar;
}
