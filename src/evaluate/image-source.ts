import type { ImageSource } from "../augment/views.ts";
import { checkDataset, checkIsDataset, isDataset } from "../data/check-dataset.ts";
import type { Dataset } from "../data/dataset-type.ts";
import { imagesAt } from "../data/gather.ts";
import { isImageShape, isRecord } from "../options/index.ts";

/** A labelled test set of N images. */
export interface LabelledImages extends ImageSource {
  /** Class indices, [N]. */
  readonly labels: Int32Array;
  /** Number of classes, K. */
  readonly classes: number;
}

/** A data set's images, as views of them are made (`lazyViews`). */
export function imageSource(data: Dataset): ImageSource {
  checkIsDataset("imageSource", "data", data);
  return { imageShape: data.shape, imagesAt: (indices, out) => void imagesAt(data, indices, out) };
}

/** A data set as labelled images; others as they are. @throws UsageError for what is neither */
export function labelledImages(where: string, data: Dataset | LabelledImages): LabelledImages {
  if (!isDataset(data) && isLabelledImages(data)) return data;
  checkDataset(where, "data", data);
  return { ...imageSource(data), labels: data.labels, classes: data.classNames.length };
}

const isLabelledImages = (value: unknown): value is LabelledImages =>
  isRecord(value) &&
  isImageShape(value.imageShape) &&
  typeof value.imagesAt === "function" &&
  typeof value.classes === "number" &&
  ArrayBuffer.isView(value.labels);
