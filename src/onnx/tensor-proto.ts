import { create } from "@bufbuild/protobuf";
import { type TensorProto, TensorProtoSchema, TensorProto_DataType } from "onnx-buf";
import { type DType, type Tensor, arrayConstructors, sizeOf, zeros } from "../tensor/index.ts";
import { ModelError } from "./errors.ts";
import { type ExternalData, externalBytes, isExternal } from "./external-data.ts";

const dataTypes = {
  float32: TensorProto_DataType.FLOAT,
  float64: TensorProto_DataType.DOUBLE,
  float16: TensorProto_DataType.FLOAT16,
  int8: TensorProto_DataType.INT8,
  uint8: TensorProto_DataType.UINT8,
  int16: TensorProto_DataType.INT16,
  uint16: TensorProto_DataType.UINT16,
  int32: TensorProto_DataType.INT32,
  uint32: TensorProto_DataType.UINT32,
  int64: TensorProto_DataType.INT64,
  uint64: TensorProto_DataType.UINT64,
  bool: TensorProto_DataType.BOOL,
} as const satisfies Record<DType, TensorProto_DataType>;

const dtypes = new Map<number, DType>(Object.entries(dataTypes).map(([dtype, n]) => [n, dtype as DType]));

/** ONNX's number for an element type, as in `TensorProto.data_type` and Cast's `to`. */
export const dataTypeOf = (dtype: DType): number => dataTypes[dtype];

/** Whether tensors of ONNX's element type can be read: not strings, bfloat16 or the types of less than a byte. */
export const isReadableType = (dataType: number): boolean => dtypes.has(dataType);

/** The element type for ONNX's number; `where` names the place for the error. */
export function dtypeOf(dataType: number, where: string): DType {
  const dtype = dtypes.get(dataType);
  if (!dtype) {
    throw new ModelError(
      `${where} has element type ${TensorProto_DataType[dataType] ?? dataType}, which is not supported. ` +
        `Supported: ${Object.keys(dataTypes).join(", ")}.`,
    );
  }
  return dtype;
}

/** Decodes a tensor, whichever of the protobuf's fields, or which external file, holds its data. */
export function tensorFromProto(
  proto: TensorProto,
  where = `Tensor "${proto.name}"`,
  external: ExternalData = new Map(),
): Tensor {
  const dtype = dtypeOf(proto.dataType, where);
  const shape = proto.dims.map(Number);
  // Sizes are checked before memory is asked for: a damaged length may be any number.
  const size = sizeOf(shape);
  const damaged = (needed: string, found: string) =>
    new ModelError(
      `${where}: shape [${shape}] of ${dtype} needs ${needed}, the file has ${found}. ` +
        `The file is damaged or was cut off.`,
    );
  if (shape.some((length) => length < 0)) throw damaged("lengths of at least 0", "a negative one");
  const raw = isExternal(proto) ? externalBytes(proto, external, where) : proto.rawData;
  if (raw.length > 0) {
    const byteLength = size * arrayConstructors[dtype].BYTES_PER_ELEMENT;
    if (raw.length !== byteLength) throw damaged(`${byteLength} bytes`, String(raw.length));
    const data = zeros(dtype, size);
    new Uint8Array(data.buffer).set(raw);
    return { dtype, shape, data } as Tensor;
  }
  const values = typedField(proto, dtype);
  if (values.length !== size) throw damaged(`${size} elements`, String(values.length));
  const data = zeros(dtype, size);
  const isBigInt = dtype === "int64" || dtype === "uint64";
  for (let i = 0; i < values.length; i++) data[i] = isBigInt ? BigInt(values[i]) : Number(values[i]);
  return { dtype, shape, data } as Tensor;
}

function typedField(proto: TensorProto, dtype: DType): readonly (number | bigint)[] {
  switch (dtype) {
    case "float32":
      return proto.floatData;
    case "float64":
      return proto.doubleData;
    case "int64":
      return proto.int64Data;
    case "uint32":
    case "uint64":
      return proto.uint64Data;
    default:
      return proto.int32Data;
  }
}

/** Encodes a tensor as raw little-endian bytes. */
export function tensorToProto(t: Tensor, name = ""): TensorProto {
  const bytes = new Uint8Array(t.data.buffer as ArrayBuffer, t.data.byteOffset, t.data.byteLength);
  return create(TensorProtoSchema, {
    name,
    dataType: dataTypeOf(t.dtype),
    dims: t.shape.map(BigInt),
    rawData: bytes,
  });
}

if (new Uint8Array(arrayConstructors.uint16.of(1).buffer)[0] !== 1) {
  throw new ModelError("This machine is big-endian; ONNX's raw data is little-endian and would be misread.");
}
