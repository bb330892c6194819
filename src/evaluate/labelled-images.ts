import { checkLabelled, checkSource, isSource } from "../data/check-dataset.ts";
import type { ImageSource } from "../data/image-source.ts";
import { isImageShape, isRecord } from "../options/index.ts";
import type { ImageReader } from "../tensor/image-reader.ts";

/** What the test procedure needs of a test set of N images. */
export interface LabelledImages extends ImageReader {
  /** Class indices, [N]. */
  readonly labels: Int32Array;
  /** Number of classes, K. */
  readonly classes: number;
}

/** A source as labelled images; others as they are. @throws UsageError for what is neither, or lacks labels */
export function labelledImages(where: string, data: ImageSource | LabelledImages): LabelledImages {
  if (!isSource(data) && isLabelledImages(data)) return data;
  checkSource(where, "data", data);
  checkLabelled(data, where);
  return withLabels(data, data.labels, data.classNames.length);
}

/** A source's images under other labels. */
export const withLabels = (source: ImageReader, labels: Int32Array, classes: number): LabelledImages => ({
  shape: source.shape,
  labels,
  classes,
  read: (indices, out, step) => source.read(indices, out, step),
  ...(source.surround && { surround: source.surround }),
  ...(source.readAhead && { readAhead: (indices: ArrayLike<number>) => source.readAhead!(indices) }),
});

const isLabelledImages = (value: unknown): value is LabelledImages =>
  isRecord(value) &&
  isImageShape(value.shape) &&
  typeof value.read === "function" &&
  typeof value.classes === "number" &&
  ArrayBuffer.isView(value.labels);
