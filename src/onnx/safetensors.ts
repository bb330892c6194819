/**
 * Tensors as a safetensors file: eight bytes with the length of a JSON header, the header, then the data.
 *
 * Format: https://huggingface.co/docs/safetensors
 */
import type { DType, Tensor } from "../tensor/index.ts";

const dtypeNames: Readonly<Record<DType, string>> = {
  float32: "F32",
  float64: "F64",
  float16: "F16",
  int8: "I8",
  uint8: "U8",
  int16: "I16",
  uint16: "U16",
  int32: "I32",
  uint32: "U32",
  int64: "I64",
  uint64: "U64",
  bool: "BOOL",
};

/**
 * Equal tensors in equal order give equal bytes. `format: "pt"` is what readers of PyTorch weights look for.
 *
 * @param metadata  key-value pairs to store beside it
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries = new Map<string, unknown>([["__metadata__", { format: "pt", ...metadata }]]);
  let end = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    const start = end;
    end += data.byteLength;
    entries.set(name, { dtype: dtypeNames[dtype], shape, data_offsets: [start, end] });
  }
  const text = JSON.stringify(Object.fromEntries(entries));
  // The data begin at a multiple of eight bytes, as the format recommends; spaces fill the header up.
  const unpadded = new TextEncoder().encode(text);
  const length = Math.ceil(unpadded.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.fill(0x20, 8, 8 + length);
  bytes.set(unpadded, 8);
  let offset = 8 + length;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}
