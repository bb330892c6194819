import { isRecord, kindOf, refuse } from "../options/index.ts";
import { type ImageBatch, ShapeError, UsageError, sizeOf } from "../tensor/index.ts";

/**
 * The array that a transform of `images` writes: `out` when given and fit for it, else a new zero-filled one.
 *
 * @throws ShapeError when the images or `out` do not hold N·C·H·W values; UsageError when `out` overlaps the input
 */
export function outputFor(images: ImageBatch, out?: Float32Array): Float32Array {
  checkImages("A transform", images);
  const { data, shape } = images;
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

/** @throws UsageError for anything but { data, shape } */
export function checkImages(where: string, images: unknown): asserts images is ImageBatch {
  const isBatch =
    isRecord(images) &&
    kindOf(images.data) === "Float32Array" &&
    Array.isArray(images.shape) &&
    images.shape.length === 4;
  if (isBatch) return;
  const needed = "{ data, shape }, a Float32Array of pixels and its shape [N, C, H, W],";
  refuse(where, "images", images, needed, "imagesAt(data, [0, 1, 2]) gives such a batch.");
}

const overlap = (a: Float32Array, b: Float32Array): boolean =>
  a.buffer === b.buffer &&
  a.byteOffset < b.byteOffset + b.byteLength &&
  b.byteOffset < a.byteOffset + a.byteLength;
