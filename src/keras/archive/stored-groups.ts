/** The numbers of a TensorFlow.js model's weights, out of the bytes of its files. */
import { ModelError } from "../../onnx/index.ts";
import { type Tensor, arrayConstructors, halfToNumber, sizeOf, tensor } from "../../tensor/index.ts";
import { type WeightGroup, type WeightSpec, storedBytes } from "./weights-manifest.ts";

/** The bytes of a group's files, one after the other. */
export function joined(
  { paths, byteLength }: WeightGroup,
  files: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  const parts = paths.map((path) => {
    const part = files.get(path);
    if (!part) throw new ModelError(`its file ${JSON.stringify(path)} is missing`);
    return part;
  });
  const found = parts.reduce((sum, part) => sum + part.length, 0);
  if (found !== byteLength) {
    throw new ModelError(
      `its files ${paths.map((path) => JSON.stringify(path)).join(", ")} have ${found} bytes; its weights need ` +
        `${byteLength}. They are cut off, or of another model`,
    );
  }
  const bytes = new Uint8Array(byteLength);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Where each weight of a group begins. */
export function placesOf({ weights }: WeightGroup): { spec: WeightSpec; start: number }[] {
  let end = 0;
  return weights.map((spec) => {
    const start = end;
    end += storedBytes(spec);
    return { spec, start };
  });
}

/** The numbers that a weight stands for, from its first byte on. */
export function numbersAt(bytes: Uint8Array, start: number, spec: WeightSpec): Tensor {
  const { shape, dtype, stored } = spec;
  const own = bytes.slice(start, start + storedBytes(spec)).buffer;
  const numbers = new arrayConstructors[stored.dtype](own);
  if (stored.dtype === dtype) return tensor(dtype, shape, numbers as never);
  const { scale, min } = stored;
  const read = (value: number): number =>
    scale === undefined || min === undefined ? halfToNumber(value) : value * scale + min;
  const result: Tensor = tensor(dtype, shape);
  for (let index = 0; index < sizeOf(shape); index++) {
    const value = read(Number(numbers[index]));
    // Quantized whole numbers are rounded, as TensorFlow.js does.
    (result.data as Float32Array)[index] = dtype === "int32" ? Math.round(value) : value;
  }
  return result;
}

/** How many weights are quantized, a sentence's beginning; undefined where none is. */
export function quantizedShare(weights: readonly WeightSpec[]): string | undefined {
  const quantized = weights.filter(({ dtype, stored }) => stored.dtype !== dtype);
  if (quantized.length === 0) return undefined;
  return (
    `${quantized.length} of ${weights.length} weights are quantized (${quantized[0].stored.dtype}); they are read as the ` +
    `numbers that they stand for`
  );
}
