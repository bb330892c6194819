import type * as tf from "@tensorflow/tfjs";
import { type Dataset, datasetFromArrays } from "../data/index.ts";
import { type OptionTable, checkOptions, checkRecord, isRecord, string, tested } from "../options/index.ts";
import { ShapeError, UsageError } from "../tensor/index.ts";
import { checkTensor } from "./check-arguments.ts";

export interface DatasetTensors {
  /** [N, H, W, C]: float32 in [0, 1], or int32 0 … 255. */
  readonly images: tf.Tensor4D;
  /** Class indices [N], or one-hot rows [N, classes]. */
  readonly labels: tf.Tensor1D | tf.Tensor2D;
  /** Default: the indices as text. */
  readonly classNames?: readonly string[];
  /** For manifests (default "tensors"). */
  readonly name?: string;
}

/** The rows of {@link DatasetTensors}. */
export const datasetTensors = {
  images: tested<tf.Tensor4D>(isRecord, "a tf.Tensor", {
    description: "[N, H, W, C]: float32 in [0, 1], or int32 0 … 255",
    alias: ["pixels", "data", "x", "xs"],
  }),
  labels: tested<tf.Tensor1D | tf.Tensor2D>(isRecord, "a tf.Tensor", {
    description: "class indices [N], or one-hot rows [N, classes]",
    alias: ["y", "ys", "targets"],
  }),
  classNames: tested<readonly string[]>(Array.isArray, "a list of names", {
    description: "a name for each class, in the order of the indices",
    otherwise: "the indices as text",
  }),
  name: string({ description: "what manifests and messages call it", default: "tensors" }),
} satisfies OptionTable<DatasetTensors>;

/**
 * A data set of tensors, which stay the caller's to dispose.
 *
 * Data sets hold bytes: a float pixel x becomes round(255·x), so it moves by up to 1/510.
 *
 * @throws UsageError for a pixel outside its range or not finite, or a label that is no class; ShapeError for other shapes
 */
export async function datasetFromTensors(tensors: DatasetTensors): Promise<Dataset> {
  const where = "datasetFromTensors";
  checkRecord(where, "argument", tensors, "an object with images and labels");
  checkOptions(where, datasetTensors, tensors);
  const { images, labels, name = "tensors" } = tensors;
  checkTensor(where, "images", images);
  checkTensor(where, "labels", labels);
  if (images.rank !== 4 || images.shape[0] !== labels.shape[0]) {
    throw new ShapeError(
      `Images are [${images.shape}] and labels [${labels.shape}]; expected [N, height, width, channels] and [N] or ` +
        `[N, classes] of one N.`,
    );
  }
  const [, height, width, channels] = images.shape;
  const indices = await classIndices(labels);
  const count = labels.rank === 2 ? labels.shape[1]! : indices.reduce((a, b) => Math.max(a, b), 0) + 1;
  return datasetFromArrays({
    name,
    shape: [channels, height, width],
    pixels: planarBytes(await images.data(), images),
    labels: indices,
    classNames: tensors.classNames ?? Array.from({ length: count }, (_, i) => String(i)),
  });
}

/** [N, H, W, C] values as [N, C, H, W] bytes. */
function planarBytes(
  values: Float32Array | Int32Array | Uint8Array,
  { shape, dtype }: tf.Tensor4D,
): Uint8Array {
  const [count, height, width, channels] = shape;
  if (dtype !== "float32" && dtype !== "int32") {
    throw new UsageError(`Images are ${dtype}. Pass float32 in [0, 1] or int32 from 0 to 255.`);
  }
  const [largest, factor] = dtype === "float32" ? [1, 255] : [255, 1];
  const outside = values.findIndex((v) => !(v >= 0 && v <= largest));
  if (outside >= 0) {
    throw new UsageError(
      `Image ${Math.floor(outside / (height * width * channels))} has the ${dtype} pixel value ${values[outside]}; ` +
        `${dtype} pixels are from 0 to ${largest}. Scale them, and leave normalisation to the model (a Rescaling layer).`,
    );
  }
  const area = height * width;
  const pixels = new Uint8Array(values.length);
  for (let n = 0, from = 0; n < count; n++) {
    for (let p = 0; p < area; p++) {
      for (let c = 0; c < channels; c++)
        pixels[(n * channels + c) * area + p] = Math.round(values[from++] * factor);
    }
  }
  return pixels;
}

async function classIndices(labels: tf.Tensor1D | tf.Tensor2D): Promise<number[]> {
  const values = await labels.data();
  if (labels.rank === 1) return Array.from(values);
  if (labels.rank !== 2) throw new ShapeError(`Labels are [${labels.shape}]; expected [N] or [N, classes].`);
  const [samples, classes] = labels.shape as [number, number];
  return Array.from({ length: samples }, (_, i) => {
    const row = values.subarray(i * classes, (i + 1) * classes);
    const index = row.indexOf(1);
    if (index < 0 || row.some((v, j) => v !== (j === index ? 1 : 0))) {
      throw new UsageError(
        `Label row ${i} is [${Array.from(row).join(", ")}], not one-hot. Pass one 1 and zeros, or class indices [N].`,
      );
    }
    return index;
  });
}
