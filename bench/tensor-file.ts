/** Tensors by name in a safetensors file, which NumPy reads in a few lines. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { type Tensor, tensor } from "../src/tensor/index.ts";

const entrySchema = z.object({
  dtype: z.enum(["F32", "I64"]),
  shape: z.array(z.number()),
  data_offsets: z.tuple([z.number(), z.number()]),
});

/** The float32 and int64 tensors of a file that `writeSafetensors` wrote. */
export function readTensorFile(path: string): Map<string, Tensor> {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = z.record(z.string(), z.unknown()).parse(JSON.parse(bytes.toString("utf8", 8, start)));
  const tensors = new Map<string, Tensor>();
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { dtype, shape, data_offsets: offsets } = entrySchema.parse(value);
    // Copied: a typed array must start at a multiple of its element's size.
    const { buffer } = Uint8Array.from(bytes.subarray(start + offsets[0], start + offsets[1]));
    tensors.set(
      name,
      dtype === "F32"
        ? tensor("float32", shape, new Float32Array(buffer))
        : tensor("int64", shape, new BigInt64Array(buffer)),
    );
  }
  return tensors;
}
