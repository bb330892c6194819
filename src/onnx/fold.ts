/**
 * Constant folding for what shapes are computed from: `Shape -> Gather -> Unsqueeze -> Concat -> Reshape` chains
 * and small constants. Large constants are left for ONNX Runtime, which folds them when it loads the graph.
 */
import {
  type DType,
  type Shape,
  ShapeError,
  type Tensor,
  isFloat,
  normalizeAxis,
  numbersOf,
  sizeOf,
  stridesOf,
  zeros,
} from "../tensor/index.ts";
import { describeNode, floatAttribute, intAttribute, intsAttribute, tensorAttribute } from "./attribute.ts";
import type { InferenceNode } from "./infer/rule.ts";
import { int64Of } from "./int64.ts";
import { slicedAxes } from "./slice-range.ts";
import { dtypeOf } from "./tensor-proto.ts";
import type { ValueType } from "./value.ts";

/** More elements than any shape computation has; larger results are not folded. */
const LARGEST_FOLDED = 4096;

type Fold = (node: InferenceNode, constants: readonly Tensor[], type: ValueType) => Tensor;

/**
 * The single output of `node` if it can be computed now: all inputs constant and the result small (or no data moved).
 * Undefined otherwise.
 */
export function foldNode(node: InferenceNode, type: ValueType): Tensor | undefined {
  if (node.opType === "Shape" || node.opType === "Size") return shapeValue(node, type);
  const fold = folds[node.opType];
  const inputs = node.inputs.filter((v) => v !== null);
  if (!fold || !inputs.every((v) => v.constant)) return undefined;
  if (sizeOf(type.shape) > LARGEST_FOLDED && !sharesData.has(node.opType)) return undefined;
  // Half precision is held as raw bits, which can be moved but not computed with.
  const isHalf = [type, ...inputs].some(({ dtype }) => dtype === "float16");
  if (isHalf && !sharesData.has(node.opType) && !movesData.has(node.opType)) return undefined;
  return fold(
    node,
    inputs.map((v) => v.constant!),
    type,
  );
}

function shapeValue(node: InferenceNode, type: ValueType): Tensor {
  const { shape } = node.inputs[0]!;
  if (node.opType === "Size") return make({ dtype: "int64", shape: [] }, [sizeOf(shape)]);
  const start = intAttribute(node, "start", 0);
  return make(
    type,
    shape.slice(start, start < 0 && type.shape[0] === -start ? undefined : start + type.shape[0]),
  );
}

/** A tensor of `type` from plain numbers. */
function make({ dtype, shape }: ValueType, values: ArrayLike<number>): Tensor {
  const data = zeros(dtype, sizeOf(shape));
  const big = dtype === "int64" || dtype === "uint64";
  for (let i = 0; i < data.length; i++) data[i] = big ? int64Of(values[i]) : values[i];
  return { dtype, shape, data } as Tensor;
}

/** The elements of `source` at computed flat positions. */
function take(source: Tensor, { shape }: ValueType, position: (index: readonly number[]) => number): Tensor {
  const data = zeros(source.dtype, sizeOf(shape));
  forEachIndex(shape, (index, i) => (data[i] = source.data[position(index)]));
  return { dtype: source.dtype, shape, data } as Tensor;
}

function forEachIndex(shape: Shape, visit: (index: readonly number[], flat: number) => void): void {
  const index = shape.map(() => 0);
  for (let flat = 0; flat < sizeOf(shape); flat++) {
    visit(index, flat);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** Strides with which `shape` is read under broadcasting to `rank` axes: 0 along repeated ones. */
function broadcastStrides(shape: Shape, rank: number): number[] {
  const strides = stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride));
  return [...new Array<number>(rank - shape.length).fill(0), ...strides];
}

const elementwise =
  (f: (dtype: DType, ...x: number[]) => number): Fold =>
  (_, constants, type) => {
    const values = constants.map(numbersOf);
    const strides = constants.map((c) => broadcastStrides(c.shape, type.shape.length));
    const result = new Float64Array(sizeOf(type.shape));
    forEachIndex(type.shape, (index, i) => {
      result[i] = f(constants[0].dtype, ...values.map((v, k) => v[dot(index, strides[k])]));
    });
    return make(type, result);
  };

const sameData: Fold = (_, [{ dtype, data }], { shape }) => ({ dtype, shape, data }) as Tensor;

const gather: Fold = (node, [source, indices], type) => {
  const axis = normalizeAxis(intAttribute(node, "axis", 0), source.shape.length);
  const strides = stridesOf(source.shape);
  const picks = numbersOf(indices).map((i) => normalizeIndex(node, i, source.shape[axis]));
  const pickStrides = stridesOf(indices.shape);
  return take(source, type, (index) => {
    const pick = picks[dot(index.slice(axis, axis + indices.shape.length), pickStrides)];
    return dot(index.toSpliced(axis, indices.shape.length, pick), strides);
  });
};

function normalizeIndex(node: InferenceNode, index: number, length: number): number {
  if (index < -length || index >= length) {
    throw new ShapeError(`${describeNode(node)} takes index ${index} of an axis of length ${length}.`);
  }
  return index < 0 ? index + length : index;
}

const slice: Fold = (node, [source], type) => {
  const strides = stridesOf(source.shape);
  const axes = slicedAxes(node);
  return take(source, type, (index) => {
    const at = [...index];
    for (const { axis, start, step } of axes) at[axis] = start + index[axis] * step;
    return dot(at, strides);
  });
};

const concat: Fold = (node, constants, type) => {
  const axis = normalizeAxis(intAttribute(node, "axis"), type.shape.length);
  const data = zeros(type.dtype, sizeOf(type.shape));
  const inner = stridesOf(type.shape)[axis];
  const row = inner * type.shape[axis];
  let offset = 0;
  for (const { shape, data: part } of constants) {
    const width = inner * shape[axis];
    for (let i = 0; i < part.length; i++) data[Math.floor(i / width) * row + offset + (i % width)] = part[i];
    offset += width;
  }
  return { dtype: type.dtype, shape: type.shape, data } as Tensor;
};

const expand: Fold = (_, [source], type) => {
  const strides = broadcastStrides(source.shape, type.shape.length);
  return take(source, type, (index) => dot(index, strides));
};

const transpose: Fold = (node, [source], type) => {
  const rank = source.shape.length;
  const perm = intsAttribute(
    node,
    "perm",
    source.shape.map((_, axis) => rank - 1 - axis),
  );
  const strides = stridesOf(source.shape);
  const permuted = perm.map((axis) => strides[axis]);
  return take(source, type, (index) => dot(index, permuted));
};

const cast: Fold = (node, [source], type) => {
  if (source.dtype === type.dtype) return source;
  const to = dtypeOf(intAttribute(node, "to"), "Cast");
  const values = numbersOf(source);
  if (to === "bool")
    return make(
      type,
      values.map((v) => Number(v !== 0)),
    );
  return make(type, isFloat(to) ? values : values.map(Math.trunc));
};

const divide = (dtype: DType, a: number, b: number) => (isFloat(dtype) ? a / b : Math.trunc(a / b));

const folds: Readonly<Record<string, Fold>> = {
  Identity: sameData,
  Reshape: sameData,
  Flatten: sameData,
  Squeeze: sameData,
  Unsqueeze: sameData,
  Gather: gather,
  Slice: slice,
  Concat: concat,
  Expand: expand,
  Transpose: transpose,
  Cast: cast,
  Neg: elementwise((_, x) => -x),
  Abs: elementwise((_, x) => Math.abs(x)),
  Floor: elementwise((_, x) => Math.floor(x)),
  Ceil: elementwise((_, x) => Math.ceil(x)),
  Sqrt: elementwise((_, x) => Math.sqrt(x)),
  Not: elementwise((_, x) => 1 - x),
  Add: elementwise((_, a, b) => a + b),
  Sub: elementwise((_, a, b) => a - b),
  Mul: elementwise((_, a, b) => a * b),
  Div: elementwise(divide),
  Max: elementwise((_, ...x) => Math.max(...x)),
  Min: elementwise((_, ...x) => Math.min(...x)),
  Equal: elementwise((_, a, b) => Number(a === b)),
  Greater: elementwise((_, a, b) => Number(a > b)),
  Less: elementwise((_, a, b) => Number(a < b)),
  Where: elementwise((_, condition, a, b) => (condition ? a : b)),
};

const sharesData = new Set(["Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze"]);
const movesData = new Set(["Gather", "Slice", "Concat", "Expand", "Transpose"]);

/** Contents of a `Constant` node, whichever attribute holds them. */
export function constantNodeValue(node: InferenceNode): Tensor {
  const { attributes } = node;
  if (attributes.value_float !== undefined) {
    return make({ dtype: "float32", shape: [] }, [floatAttribute(node, "value_float")]);
  }
  if (attributes.value_int !== undefined) {
    return make({ dtype: "int64", shape: [] }, [intAttribute(node, "value_int")]);
  }
  if (attributes.value_ints !== undefined) {
    const values = intsAttribute(node, "value_ints");
    return make({ dtype: "int64", shape: [values.length] }, values);
  }
  const floats = attributes.value_floats;
  if (typeof floats === "object" && "floats" in floats) {
    return make({ dtype: "float32", shape: [floats.floats.length] }, floats.floats);
  }
  return tensorAttribute(node, "value");
}

/** Contents of a `ConstantOfShape` node of a known shape. */
export function filledConstant(node: InferenceNode, shape: Shape): Tensor {
  const value = node.attributes.value === undefined ? undefined : tensorAttribute(node, "value");
  const dtype = value?.dtype ?? "float32";
  const data = zeros(dtype, sizeOf(shape));
  if (value) (data as unknown as { fill(v: unknown): void }).fill(value.data[0]);
  return { dtype, shape, data } as Tensor;
}
