/** Safetensors files of outside origin: every size is checked before anything is read by it. */
import { z } from "zod";
import { type Tensor, UsageError, float32, sizeOf, tensor } from "../tensor/index.ts";

/** Bytes of one element, of the types that are read; floats come out as float32. */
const widths: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8 };

/** As the format's own reader has it. */
const MOST_HEADER_BYTES = 100_000_000;

const place = z.int().nonnegative();
const entry = z.object({
  dtype: z.string(),
  shape: z.array(place).max(16),
  data_offsets: z.tuple([place, place]),
});

/**
 * The tensors of a safetensors file by name. F32 as it is; F16 and BF16, which float32 holds exactly; F64 rounded to the nearest; I64
 * as int64.
 *
 * @throws UsageError for a file that is cut off or damaged, other types, and numbers that float32 does not hold
 */
export function readSafetensors(bytes: Uint8Array, source: string): Map<string, Tensor> {
  const refuse = (what: string): never => {
    throw new UsageError(
      `${source} is no safetensors file that can be read: ${what}. Write or download it again.`,
    );
  };
  if (bytes.length < 8) refuse(`it has ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MOST_HEADER_BYTES || length > bytes.length - 8)
    refuse(`its header would have ${length} bytes`);
  const start = 8 + length;
  const found = new Map<string, z.infer<typeof entry>>();
  for (const [name, value] of Object.entries(
    headerOf(bytes.subarray(8, start)) ?? refuse("its header is no JSON object"),
  )) {
    if (name === "__metadata__") continue;
    const parsed = entry.safeParse(value);
    if (!parsed.success) refuse(`its header gives "${name}" no type, shape and place`);
    else found.set(name, parsed.data);
  }
  // The data are without holes and overlaps, to the end of the file.
  let end = 0;
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [from, to],
    },
  ] of [...found].sort(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  )) {
    if (!Object.hasOwn(widths, dtype)) {
      throw new UsageError(
        `${source}: "${name}" is of type ${dtype}; ${Object.keys(widths).join(", ")} are read. Save it as F32.`,
      );
    }
    if (from !== end || to - from !== sizeOf(shape) * widths[dtype] || start + to > bytes.length) {
      refuse(
        `"${name}", ${dtype} [${shape.join(", ")}], would be at bytes ${from} to ${to} of ${bytes.length - start}`,
      );
    }
    end = to;
  }
  if (start + end !== bytes.length) refuse(`${bytes.length - start - end} bytes belong to no tensor`);
  return new Map<string, Tensor>(
    [...found].map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from],
        },
      ]): [string, Tensor] => {
        const count = sizeOf(shape);
        if (dtype === "I64") {
          return [
            name,
            tensor(
              "int64",
              shape,
              BigInt64Array.from({ length: count }, (_, i) => view.getBigInt64(start + from + 8 * i, true)),
            ),
          ];
        }
        const data = new Float32Array(count);
        const read = readers[dtype];
        for (let i = 0; i < count; i++) {
          const value = read(view, start + from + widths[dtype] * i);
          data[i] = value;
          if (!Number.isFinite(data[i])) {
            throw new UsageError(
              `${source}: "${name}" holds ${value}, which is no weight of float32. Save the weights anew.`,
            );
          }
        }
        return [name, float32(shape, data)];
      },
    ),
  );
}

function headerOf(bytes: Uint8Array): object | undefined {
  try {
    const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof json === "object" && json !== null && !Array.isArray(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

const readers: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  F64: (view, at) => view.getFloat64(at, true),
  F32: (view, at) => view.getFloat32(at, true),
  F16: (view, at) => fromHalf(view.getUint16(at, true)),
  BF16: (view, at) => {
    const bits = new DataView(new ArrayBuffer(4));
    bits.setUint32(0, view.getUint16(at, true) * 65536);
    return bits.getFloat32(0);
  },
};

function fromHalf(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}
