import { createHash } from "node:crypto";
import { ShapeError, UsageError, ownArray, sizeOf } from "../tensor/index.ts";
import { checkArrays } from "./check-arrays.ts";
import { checkSource } from "./check-dataset.ts";
import type { Dataset, DatasetArrays } from "./dataset-type.ts";
import { imagesAt } from "./gather.ts";
import type { ImageSource } from "./image-source.ts";

export type { Dataset, DatasetArrays } from "./dataset-type.ts";

/** Number of samples, N. */
export function sampleCount(data: ImageSource): number {
  checkSource("sampleCount", "data", data);
  return data.labels.length;
}

/**
 * A data set of plain arrays.
 *
 * @throws ShapeError when the lengths disagree; UsageError when a value is not a byte or a label not a class index
 */
export function datasetFromArrays(arrays: DatasetArrays): Dataset {
  checkArrays(arrays);
  const { name, shape, classNames, files, notes, isUnsplit, pictures } = arrays;
  // Those of another realm too, as a test runner's are, without a copy.
  const [pixels, labels] = [ownArray(arrays.pixels), ownArray(arrays.labels)];
  if (shape.length !== 3 || !shape.every((length) => Number.isInteger(length) && length > 0)) {
    throw new ShapeError(
      `Data set "${name}" has image shape [${shape}]. Give [channels, height, width], each at least 1.`,
    );
  }
  if (labels.length === 0) throw new UsageError(`Data set "${name}" has no samples. Give one or more.`);
  if (pixels.length !== labels.length * sizeOf(shape)) {
    throw new ShapeError(
      `Data set "${name}" has ${pixels.length} pixel values; ${labels.length} images of shape [${shape}] ` +
        `need ${labels.length * sizeOf(shape)}. Pass one label and one image for each sample.`,
    );
  }
  if (new Set(classNames).size !== classNames.length) {
    throw new UsageError(`Data set "${name}" names a class twice: ${classNames.join(", ")}.`);
  }
  const outside = firstOutside(labels, classNames.length, -1);
  if (outside >= 0) {
    throw new UsageError(
      `Data set "${name}" has label ${labels[outside]} at sample ${outside}; with ${classNames.length} classes ` +
        `labels are whole numbers from 0 to ${classNames.length - 1}, or -1 for none.` +
        (countFromOne(labels, classNames.length) ? " They seem to count from 1: subtract 1 from each." : ""),
    );
  }
  if (files && files.length !== labels.length) {
    throw new ShapeError(
      `Data set "${name}" names ${files.length} files and has ${labels.length} images. Give a file for each image, or none.`,
    );
  }
  const notByte = pixels instanceof Uint8Array ? -1 : firstOutside(pixels, 256);
  if (notByte >= 0) {
    throw new UsageError(
      `Data set "${name}" has pixel value ${pixels[notByte]} at position ${notByte}. ` +
        `Pixels are whole numbers from 0 to 255; multiply values in [0, 1] by 255 and round.`,
    );
  }
  return withHash({
    name,
    shape,
    pixels: pixels instanceof Uint8Array ? pixels : Uint8Array.from(pixels),
    labels: labels instanceof Int32Array ? labels : Int32Array.from(labels),
    classNames,
    ...(files && { files }),
    notes,
    isUnsplit,
    ...(pictures && { pictures }),
  });
}

/** Whether labels are 1 … classes instead of 0 … classes − 1. */
function countFromOne(labels: ArrayLike<number>, classes: number): boolean {
  const values = Array.from(labels);
  return !values.includes(0) && values.includes(classes) && values.every((label) => label <= classes);
}

/** Position of the first value that is not a whole number in [least, below), or −1. */
function firstOutside(values: ArrayLike<number>, below: number, least = 0): number {
  for (let i = 0; i < values.length; i++) {
    if (!(Number.isInteger(values[i]) && values[i] >= least && values[i] < below)) return i;
  }
  return -1;
}

/** Adds the hash, computed when first read: 50 ms for MNIST, which subsets and previews need not pay. */
function withHash(arrays: Omit<Dataset, "hash" | "read">): Dataset {
  let hash: string | undefined;
  return {
    ...arrays,
    read: readBytes,
    get hash() {
      const { shape, classNames, labels, pixels } = arrays;
      hash ??= createHash("sha256")
        .update(JSON.stringify({ shape, classNames, count: labels.length }))
        .update(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength))
        .update(pixels)
        .digest("hex");
      return hash;
    },
  };
}

/** A method, so that a data set spread to change its pixels reads those. */
async function readBytes(this: Dataset, indices: ArrayLike<number>, out: Float32Array): Promise<void> {
  await Promise.resolve(imagesAt(this, indices, out));
}
