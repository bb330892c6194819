import {
  type DType,
  type Shape,
  ShapeError,
  type Tensor,
  float32,
  int64,
  normalizeAxis,
  shapesEqual,
  tensor,
} from "../tensor/index.ts";
import type { Attributes } from "./attribute.ts";
import { ModelError } from "./errors.ts";
import { dataTypeOf } from "./tensor-proto.ts";
import type { Value } from "./value.ts";

export interface NodeOptions {
  domain?: string;
  name?: string;
  /** How many outputs to ask for (default 1), or their names; an empty name is an output nobody wants. */
  outputs?: number | readonly string[];
}

/** The operators that gradients, lowerings and objectives are written with, each a node of the graph that is built. */
export abstract class Operators {
  /** Adds a node and returns its outputs. @throws ShapeError, UnsupportedOpError, ModelError */
  abstract op(
    opType: string,
    inputs: readonly (Value | null)[],
    attributes?: Attributes,
    options?: NodeOptions,
  ): Value[];

  /** An unnamed constant. Equal small constants share one initializer. */
  abstract constant(value: Tensor): Value;

  /** A name that nothing in this graph has yet, from a stem. */
  abstract uniqueName(stem: string): string;

  /** Adds a node and returns its first output. */
  op1(
    opType: string,
    inputs: readonly (Value | null)[],
    attributes?: Attributes,
    options?: NodeOptions,
  ): Value {
    return this.op(opType, inputs, attributes, options)[0];
  }

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

function filled(dtype: DType, value: number): Tensor {
  if (dtype === "float16") {
    throw new ModelError("Graphs in half precision can be run but not differentiated. Export in float32.");
  }
  const scalar = tensor(dtype, []);
  scalar.data[0] = dtype === "int64" || dtype === "uint64" ? BigInt(value) : value;
  return scalar;
}
