/** What the folding of single operators is written with. */
import { type Shape, type Tensor, sizeOf, stridesOf, zeros } from "../../tensor/index.ts";
import type { InferenceNode } from "../infer/rule.ts";
import { int64Of } from "../int64.ts";
import type { ValueType } from "../value.ts";

/** Computes the outputs of a node whose inputs are all constant. `types` are those of the outputs that are asked for. */
export type Fold = (
  node: InferenceNode,
  constants: readonly Tensor[],
  types: readonly ValueType[],
) => readonly Tensor[];

/** The folding of an operator with one output. */
export const single =
  (fold: (node: InferenceNode, constants: readonly Tensor[], type: ValueType) => Tensor): Fold =>
  (node, constants, [type]) => [fold(node, constants, type)];

/** A tensor of `type` from plain numbers. */
export function make({ dtype, shape }: ValueType, values: ArrayLike<number>): Tensor {
  const data = zeros(dtype, sizeOf(shape));
  const big = dtype === "int64" || dtype === "uint64";
  for (let i = 0; i < data.length; i++) data[i] = big ? int64Of(values[i]) : values[i];
  return { dtype, shape, data } as Tensor;
}

/** The elements of `source` at computed flat positions. */
export function take(
  source: Tensor,
  { shape }: ValueType,
  position: (index: readonly number[]) => number,
): Tensor {
  const data = zeros(source.dtype, sizeOf(shape));
  forEachIndex(shape, (index, i) => (data[i] = source.data[position(index)]));
  return { dtype: source.dtype, shape, data } as Tensor;
}

export function forEachIndex(shape: Shape, visit: (index: readonly number[], flat: number) => void): void {
  const index = shape.map(() => 0);
  for (let flat = 0; flat < sizeOf(shape); flat++) {
    visit(index, flat);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
}

export const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** Strides with which `shape` is read under broadcasting to `rank` axes: 0 along repeated ones. */
export function broadcastStrides(shape: Shape, rank: number): number[] {
  const strides = stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride));
  return [...new Array<number>(rank - shape.length).fill(0), ...strides];
}
