import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { useCpuBackend } from "../../test/tfjs-model.ts";
import { ShapeError, UsageError } from "../tensor/index.ts";
import { type DatasetTensors, datasetFromTensors } from "./dataset-from-tensors.ts";

beforeAll(useCpuBackend);

/** Two images of 1×2 pixels and 3 channels. */
const bytes = [0, 1, 2, 10, 11, 12, 250, 251, 252, 253, 254, 255];
const shape: [number, number, number, number] = [2, 1, 2, 3];

test("int32 images become planar bytes", async () => {
  const images = tf.tensor4d(bytes, shape, "int32");
  const data = await datasetFromTensors({ images, labels: tf.tensor1d([1, 0], "int32") });
  expect(data.shape).toEqual([3, 1, 2]);
  expect([...data.pixels]).toEqual([0, 10, 1, 11, 2, 12, 250, 253, 251, 254, 252, 255]);
  expect([...data.labels]).toEqual([1, 0]);
  expect([data.name, data.classNames]).toEqual(["tensors", ["0", "1"]]);
});

test("float images are rounded to bytes; one-hot labels and names are taken", async () => {
  const images = tf.tensor4d(
    bytes.map((v) => v / 255 + (v < 255 ? 0.4 / 255 : 0)),
    shape,
  );
  const labels = tf.tensor2d([0, 0, 1, 1, 0, 0], [2, 3]);
  const data = await datasetFromTensors({ images, labels, classNames: ["a", "b", "c"], name: "mine" });
  expect([...data.pixels]).toEqual([0, 10, 1, 11, 2, 12, 250, 253, 251, 254, 252, 255]);
  expect([...data.labels]).toEqual([2, 0]);
  expect([data.name, data.classNames]).toEqual(["mine", ["a", "b", "c"]]);
});

describe("what is refused", () => {
  const ones = () => tf.ones<tf.Rank.R4>([2, 1, 1, 1]);
  const labels = () => tf.zeros<tf.Rank.R1>([2]);
  const cases: [string, () => unknown, typeof UsageError, RegExp][] = [
    [
      "pixels above 1",
      () => ({ images: tf.mul(ones(), 1.5), labels: labels() }),
      UsageError,
      /Image 0 .* 1.5; float32 pixels are from 0 to 1/,
    ],
    [
      "pixels that are no numbers",
      () => ({ images: tf.mul(ones(), NaN), labels: labels() }),
      UsageError,
      /NaN/,
    ],
    [
      "integers above 255",
      () => ({ images: tf.fill([2, 1, 1, 1], 256, "int32"), labels: labels() }),
      UsageError,
      /256; int32 pixels/,
    ],
    ["booleans", () => ({ images: tf.cast(ones(), "bool"), labels: labels() }), UsageError, /bool/],
    [
      "another count of labels",
      () => ({ images: ones(), labels: tf.zeros([3]) }),
      ShapeError,
      /\[2,1,1,1\] and labels \[3\]/,
    ],
    [
      "soft labels",
      () => ({ images: ones(), labels: tf.tensor2d([1, 0, 0.5, 0.5], [2, 2]) }),
      UsageError,
      /Label row 1 .*not one-hot/,
    ],
    [
      "labels of rank 3",
      () => ({ images: ones(), labels: tf.zeros([2, 1, 1]) }),
      ShapeError,
      /Labels are \[2,1,1\]/,
    ],
    [
      "labels that are no classes",
      () => ({ images: ones(), labels: tf.tensor1d([0, 0.5]) }),
      UsageError,
      /label 0.5/,
    ],
  ];
  test.each(cases)("%s", async (_, tensors, kind, message) => {
    const attempt = datasetFromTensors(tensors() as DatasetTensors);
    await expect(attempt).rejects.toThrow(kind);
    await expect(attempt).rejects.toThrow(message);
  });
});
