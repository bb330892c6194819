/** Element types, named as ONNX names them, and the typed array that holds each (as ONNX Runtime expects it). */
export interface ArrayOf {
  float32: Float32Array;
  float64: Float64Array;
  /** IEEE half precision, as raw bits. */
  float16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  /** One byte an element, 0 or 1. */
  bool: Uint8Array;
}

export type DType = keyof ArrayOf;

export const arrayConstructors = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const satisfies Record<DType, new (length: number) => ArrayOf[DType]>;

/** A new zero-filled array of `length` elements. */
export function zeros<D extends DType>(dtype: D, length: number): ArrayOf[D] {
  return new arrayConstructors[dtype](length) as ArrayOf[D];
}

/** Whether gradients can flow through values of this type. */
export const isFloat = (dtype: DType): boolean =>
  dtype === "float32" || dtype === "float64" || dtype === "float16";
