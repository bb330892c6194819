import { isArrayLike, kindOf, refuse } from "../options/index.ts";
import { type ImageBatch, ShapeError, UsageError, readBatch, sizeOf } from "../tensor/index.ts";
import { checkIsDataset, isSource } from "./check-dataset.ts";
import type { Dataset } from "./dataset-type.ts";
import type { ImageSource } from "./image-source.ts";

/** byte / 255 as float32, by byte. */
const unitOfByte = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/**
 * The images at `indices` as a model takes them: float32 in [0, 1], byte / 255, [B, C, H, W].
 *
 * @param out  written when given: B·C·H·W values
 */
export function imagesAt(dataset: Dataset, indices: ArrayLike<number>, out?: Float32Array): ImageBatch {
  checkIsDataset("imagesAt", "data", dataset);
  checkIndices(dataset, indices, "imagesAt");
  if (out !== undefined && kindOf(out) !== "Float32Array") {
    refuse("imagesAt", "out", out, "a Float32Array of one value for each pixel");
  }
  const imageSize = sizeOf(dataset.shape);
  const data = out ?? new Float32Array(indices.length * imageSize);
  checkRoom(dataset, indices, data);
  const { pixels } = dataset;
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i] * imageSize;
    writeUnit(pixels.subarray(from, from + imageSize), data, i * imageSize);
  }
  return { data, shape: [indices.length, ...dataset.shape] };
}

/** The images of any source at `indices`, float32 in [0, 1], [B, C, H, W], with what lies around them where it has that. */
export async function imagesOf(source: ImageSource, indices: ArrayLike<number>): Promise<ImageBatch> {
  return readBatch(source, indices);
}

/** Writes bytes as float32 in [0, 1] to `out` from `at` on. */
export function writeUnit(bytes: Uint8Array, out: Float32Array, at: number): void {
  for (let j = 0; j < bytes.length; j++) out[at + j] = unitOfByte[bytes[j]];
}

/** The labels at `indices`, [B], as int64: ONNX's type for class indices. */
export function labelsAt(data: ImageSource, indices: ArrayLike<number>): BigInt64Array {
  if (!isSource(data)) checkIsDataset("labelsAt", "data", data);
  checkIndices(data, indices, "labelsAt");
  return BigInt64Array.from({ length: indices.length }, (_, i) => BigInt(data.labels[indices[i]]));
}

/** @throws ShapeError for an output of another size than the images' */
export function checkRoom(
  { shape }: Pick<ImageSource, "shape">,
  indices: ArrayLike<number>,
  out: Float32Array,
): void {
  const needed = indices.length * sizeOf(shape);
  if (out.length === needed) return;
  throw new ShapeError(
    `The output has ${out.length} values; ${indices.length} images of shape [${shape}] need ` +
      `${needed}. Pass an array, or a subarray, of exactly that length.`,
  );
}

/** @throws UsageError that names the first index without a sample */
export function checkIndices(
  data: Pick<ImageSource, "name" | "labels">,
  indices: ArrayLike<number>,
  where: string,
): void {
  if (!isArrayLike(indices)) refuse(where, "indices", indices, "a list of sample indices");
  const count = data.labels.length;
  for (let i = 0; i < indices.length; i++) {
    if (!(Number.isInteger(indices[i]) && indices[i] >= 0 && indices[i] < count)) {
      throw new UsageError(
        `Data set "${data.name}" has no sample ${indices[i]}. Use whole numbers from 0 to ${count - 1}.`,
      );
    }
  }
}
