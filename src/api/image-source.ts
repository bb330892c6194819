import type { ImageSource } from "../augment/index.ts";
import { type Dataset, imagesAt } from "../data/index.ts";

/** A data set's images as augmentation and testing ask for them. */
export const imageSource = (data: Dataset): ImageSource => ({
  imageShape: data.shape,
  imagesAt: (indices, out) => void imagesAt(data, indices, out),
});
