/** Images without a label, −1: which folder holds them, and how labels are hidden. */
import { createHash } from "node:crypto";
import { isDataset } from "./check-dataset.ts";
import { datasetFromArrays } from "./dataset.ts";
import type { ImageSource } from "./image-source.ts";

/** Whether a folder beside those of the classes holds images without a label. */
export const isUnlabelledFolder = (name: string): boolean => /^unlabell?ed$/i.test(name);

/** The same images, without the labels of those from `start` on. */
export function hideLabels(source: ImageSource, start: number, name: string): ImageSource {
  const labels = source.labels.map((label, i) => (i < start ? label : -1));
  if (isDataset(source)) {
    const { shape, pixels, classNames, files, notes, isUnsplit, pictures } = source;
    return datasetFromArrays({ name, shape, pixels, labels, classNames, files, notes, isUnsplit, pictures });
  }
  const hash = createHash("sha256")
    .update(JSON.stringify([source.hash, start, "without labels"]))
    .digest("hex");
  return {
    ...source,
    ...{ name, labels, hash },
    read: (indices, out, step) => source.read(indices, out, step),
    ...(source.readAhead && { readAhead: (indices: ArrayLike<number>) => source.readAhead!(indices) }),
  };
}
