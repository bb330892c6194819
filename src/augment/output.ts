import { type ImageBatch, ShapeError, UsageError, sizeOf } from "../tensor/index.ts";

/**
 * The array that a transform of `images` writes: `out` when given and fit for it, else a new zero-filled one.
 *
 * @throws ShapeError when the images or `out` do not hold N·C·H·W values; UsageError when `out` overlaps the input
 */
export function outputFor({ data, shape }: ImageBatch, out?: Float32Array): Float32Array {
  const size = sizeOf(shape);
  if (data.length !== size) {
    throw new ShapeError(`Images of shape [${shape}] need ${size} values; the data has ${data.length}.`);
  }
  if (out === undefined) return new Float32Array(size);
  if (out.length !== size) {
    throw new ShapeError(
      `The output has ${out.length} values; images of shape [${shape}] need ${size}. ` +
        `Pass an array, or a subarray, of exactly that length.`,
    );
  }
  if (overlap(data, out)) {
    throw new UsageError("A transform's output overlaps its input. Pass an array of its own, or none.");
  }
  return out;
}

const overlap = (a: Float32Array, b: Float32Array): boolean =>
  a.buffer === b.buffer &&
  a.byteOffset < b.byteOffset + b.byteLength &&
  b.byteOffset < a.byteOffset + a.byteLength;
