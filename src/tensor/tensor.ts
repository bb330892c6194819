import { type ArrayOf, type DType, zeros } from "./dtype.ts";
import { ShapeError } from "./errors.ts";
import { ownArray } from "./own-array.ts";
import { type Shape, sizeOf } from "./shape.ts";

/** A dense row-major array. `data.length` is the product of `shape`. */
export interface TensorOf<D extends DType> {
  readonly dtype: D;
  readonly shape: Shape;
  readonly data: ArrayOf[D];
}

/** A tensor of any element type; `dtype` tells which (a discriminated union). */
export type Tensor = { [D in DType]: TensorOf<D> }[DType];

/** Makes a tensor over `data` (not copied), or a zero-filled one. */
export function tensor<D extends DType>(
  dtype: D,
  shape: Shape,
  data: ArrayOf[D] = zeros(dtype, sizeOf(shape)),
): TensorOf<D> & Tensor {
  data = ownArray(data);
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError(`Shape [${shape}] needs ${sizeOf(shape)} elements; the data has ${data.length}.`);
  }
  return { dtype, shape, data } as TensorOf<D> & Tensor;
}

export const float32 = (
  shape: Shape,
  data?: Float32Array | readonly number[],
): TensorOf<"float32"> & Tensor => tensor("float32", shape, data && float32Array(data));

/** Numbers as a Float32Array: the same one, or a view of one of another realm. */
function float32Array(data: Float32Array | readonly number[]): Float32Array {
  const own = ownArray(data);
  return own instanceof Float32Array ? own : Float32Array.from(own);
}

/** A 1-D int64 tensor, ONNX's type for shapes, axes and indices. @throws ShapeError for what is no whole number */
export const int64 = (
  values: readonly number[],
  shape: Shape = [values.length],
): TensorOf<"int64"> & Tensor => tensor("int64", shape, BigInt64Array.from(values, wholeNumber));

function wholeNumber(value: number): bigint {
  if (!Number.isInteger(value))
    throw new ShapeError(`A length, axis or index of ${value} is no whole number.`);
  return BigInt(value);
}

/** Elements as plain numbers (int64 beyond 2^53 loses precision; float16 is not decoded). */
export const numbersOf = (t: Tensor): number[] => Array.from(t.data as ArrayLike<number | bigint>, Number);
