import type { DType } from "../../../tensor/index.ts";
import { type FileBytes, damaged } from "./file-bytes.ts";

/** An element type of a file: numbers as memory here holds them, text, or what is not read, in words. */
export type Datatype = { readonly size: number } & (
  | { readonly kind: "number"; readonly dtype: DType }
  | { readonly kind: "text" }
  /** Text of any length in a global heap, 16 bytes an element. */
  | { readonly kind: "heap text" }
  | { readonly kind: "other"; readonly name: string }
);

/** IEEE's fields: significant bits, then exponent's place and size, mantissa's place and size, and the bias. */
const ieee: Readonly<Record<number, { dtype: DType; fields: readonly number[] }>> = {
  2: { dtype: "float16", fields: [16, 10, 5, 0, 10, 15] },
  4: { dtype: "float32", fields: [32, 23, 8, 0, 23, 127] },
  8: { dtype: "float64", fields: [64, 52, 11, 0, 52, 1023] },
};

const integers: Readonly<Record<number, readonly [unsigned: DType, signed: DType]>> = {
  1: ["uint8", "int8"],
  2: ["uint16", "int16"],
  4: ["uint32", "int32"],
  8: ["uint64", "int64"],
};

const otherClasses = [
  "",
  "",
  "times",
  "",
  "bit fields",
  "",
  "compounds",
  "references",
  "",
  "sequences",
  "arrays",
];

/** The datatype message at `at` (section IV.A.2.d). */
export function datatypeAt(file: FileBytes, at: number): Datatype {
  const typeClass = file.u8(at) & 0x0f;
  const bits = file.u8(at + 1);
  const size = file.u32(at + 4);
  if (size === 0) throw damaged(`elements of no bytes at byte ${at}`);
  const other = (name: string): Datatype => ({ kind: "other", name, size });
  switch (typeClass) {
    case 0: {
      if (bits & 1) return other("big-endian numbers");
      const whole = file.u16(at + 8) === 0 && file.u16(at + 10) === 8 * size;
      const dtype = integers[size]?.[bits & 8 ? 1 : 0];
      return dtype && whole
        ? { kind: "number", dtype, size }
        : other(`whole numbers of ${file.u16(at + 10)} bits`);
    }
    case 1: {
      if (bits & 0x41) return other("big-endian numbers");
      const fields = [
        file.u16(at + 10),
        file.u8(at + 12),
        file.u8(at + 13),
        file.u8(at + 14),
        file.u8(at + 15),
        file.u32(at + 16),
      ];
      const known = ieee[size];
      const isKnown =
        known && file.u16(at + 8) === 0 && known.fields.every((field, i) => field === fields[i]);
      if (isKnown) return { kind: "number", dtype: known.dtype, size };
      return other(
        size === 2 && fields[2] === 8 ? "bfloat16 numbers" : `floating-point numbers of ${size} bytes`,
      );
    }
    case 3:
      return { kind: "text", size };
    case 5:
      return other(
        size === 2 ? "opaque elements of two bytes, as NumPy holds bfloat16 numbers," : "opaque bytes",
      );
    case 8: {
      // Python's bool is an enumeration over bytes; other enumerations are no numbers of a model.
      const base = datatypeAt(file, at + 8);
      const isTruth = base.kind === "number" && base.size === 1 && size === 1;
      return isTruth ? { kind: "number", dtype: "bool", size } : other("an enumeration");
    }
    case 9:
      return (bits & 0x0f) === 1 && size === 16 ? { kind: "heap text", size } : other("sequences");
    default:
      return other(otherClasses[typeClass] || `elements of class ${typeClass}`);
  }
}

/** The lengths of a dataspace message's axes (section IV.A.2.b), [] for a scalar, or undefined for no element at all. */
export function shapeAt(file: FileBytes, at: number): number[] | undefined {
  const [version, rank] = [file.u8(at), file.u8(at + 1)];
  if (version !== 1 && version !== 2) throw damaged(`a shape of version ${version} at byte ${at}`);
  if (rank > 32) throw damaged(`a shape of ${rank} axes at byte ${at}`);
  if (version === 2 && file.u8(at + 3) === 2) return undefined;
  const lengths = at + (version === 1 ? 8 : 4);
  return Array.from({ length: rank }, (_, axis) => file.u64(lengths + 8 * axis));
}

/** Number of elements; a damaged file's product may leave what a number holds exactly. */
export function countOf(shape: readonly number[]): number {
  const count = shape.reduce((product, length) => product * length, 1);
  if (!Number.isSafeInteger(count)) throw damaged(`a shape of [${shape.join(", ")}]`);
  return count;
}
