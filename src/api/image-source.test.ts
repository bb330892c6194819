import { describe, expect, test } from "vitest";
import { rotation } from "../augment/index.ts";
import {
  type Dataset,
  type ImageSource,
  datasetFromArrays,
  sample,
  split,
  subset,
  take,
} from "../data/index.ts";
import { buildClassifier } from "../models/index.ts";
import { float32, random } from "../tensor/index.ts";
import { evaluate } from "./evaluate.ts";
import { fit } from "./fit.ts";

const rng = random(3, "pixels");
const weights = Float32Array.from({ length: 72 }, () => 0.1 * rng.normal());
const images: Dataset = datasetFromArrays({
  name: "noise",
  shape: [1, 6, 6],
  pixels: Uint8Array.from({ length: 40 * 36 }, (_, i) => rng.integer(128) + 127 * (Math.floor(i / 36) % 2)),
  labels: Int32Array.from({ length: 40 }, (_, i) => i % 2),
  classNames: ["dark", "light"],
});

/** The same images, read as they are asked for, a while after that. */
function slow(data: Dataset, asked: number[][] = []): ImageSource {
  const { name, shape, labels, classNames, hash } = data;
  return {
    name,
    shape,
    labels,
    classNames,
    hash,
    async read(indices, out) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await data.read(indices, out);
    },
    readAhead: (indices) => void asked.push(Array.from(indices)),
  };
}

const classifier = buildClassifier("linear", [1, 6, 6], (g, x) =>
  g.add(
    g.matMul(g.op1("Flatten", [x], { axis: 1 }), g.initializer("weight", float32([36, 2], weights))),
    g.initializer("bias", float32([2], [0, 0])),
  ),
);
const quiet = { onNote: () => undefined };
const brief = { ...quiet, epochs: 2 };

test.each([
  { method: "rwa", crop: 0, augmentation: "lazy" },
  { method: "va", crop: 1, augmentation: "lazy" },
  { method: "rwa", crop: 0, augmentation: "eager" },
] as const)("a source trains ($method, crop $crop, $augmentation) as the data set does", async (options) => {
  const settings = {
    ...options,
    batchSize: 16,
    epochs: 2,
    transforms: rotation({ degrees: [20] }),
    ...quiet,
  };
  const asked: number[][] = [];
  const [trained, again] = [
    await fit(classifier, images, settings),
    await fit(classifier, slow(images, asked), settings),
  ];
  expect(again.history).toEqual(trained.history);
  expect(again.manifest.model.sha256).toBe(trained.manifest.model.sha256);
  expect(again.model.metadata).toEqual(trained.model.metadata);
  // The batches of the second to the sixth step, the second epoch's among them, were read while others ran.
  if (options.augmentation === "lazy") expect(asked.map((batch) => batch.length)).toEqual([16, 8, 16, 16, 8]);
});

test("a source is tested as the data set is", async () => {
  const asked: number[][] = [];
  const options = { batchSize: 15, ...quiet };
  const { manifest: one, ...scores } = await evaluate(classifier, images, options);
  const { manifest: other, ...same } = await evaluate(classifier, slow(images, asked), options);
  expect(same).toEqual(scores);
  expect(other.data).toEqual(one.data);
  expect(asked.map(([first, ...rest]) => [first, rest.length])).toEqual([
    [15, 14],
    [30, 9],
  ]);
});

test("parts of a source are lists of indices, and hold what the data set's parts hold", async () => {
  const source = slow(images);
  const cases: [Dataset, ImageSource][] = [
    [subset(images, [3, 39, 3], "three"), subset(source, [3, 39, 3], "three")],
    [take(images, 7), take(source, 7)],
    [sample(images, 9, 2), sample(source, 9, 2)],
    [split(images, 0.25, 5).validation, split(source, 0.25, 5).validation],
    [subset(sample(images, 9, 2), [8, 0], "two"), subset(sample(source, 9, 2), [8, 0], "two")],
  ];
  for (const [part, same] of cases) {
    expect(same.name).toBe(part.name);
    expect(same.labels).toEqual(part.labels);
    expect(same.notes).toEqual(part.notes);
    expect("pixels" in same).toBe(false);
    const out = new Float32Array(part.pixels.length);
    await same.read([...part.labels.keys()], out);
    expect(out).toEqual(Float32Array.from(part.pixels, (byte) => byte / 255));
  }
  expect(new Set(cases.map(([, { hash }]) => hash)).size).toBe(cases.length);
  await expect(take(source, 7).read([7], new Float32Array(36))).rejects.toThrow(/has no sample 7/);
});

describe("images without a label", () => {
  const some = { ...slow(images), labels: images.labels.map((label, i) => (i < 3 ? -1 : label)) };
  const rest = subset(
    images,
    Array.from({ length: 37 }, (_, i) => i + 3),
    images.name,
  );
  const left = expect.stringMatching(
    /^noise: 3 of 40 images have no label \(-1\) and are left out of /,
  ) as string;

  test("are left out of training and of tests, which is said", async () => {
    const [trained, same] = [await fit(classifier, some, brief), await fit(classifier, rest, brief)];
    expect(trained.notes).toContainEqual(left);
    expect(trained.history).toEqual(same.history);
    const tested = await evaluate(classifier, some, quiet);
    const expected = await evaluate(classifier, rest, quiet);
    expect(tested.notes).toContainEqual(left);
    expect(tested.perClass).toEqual(expected.perClass);
    // Images are known by their places in the whole.
    expect(tested.hardest.clean.map(({ index }) => index)).toEqual(
      expected.hardest.clean.map(({ index }) => index + 3),
    );
  });

  test("alone are refused", async () => {
    const none = { ...slow(images), labels: images.labels.map(() => -1) };
    const why = /^None of the 40 images of noise has a label, which (training|the test) needs/;
    await expect(fit(classifier, none, quiet)).rejects.toThrow(why);
    await expect(evaluate(classifier, none, quiet)).rejects.toThrow(why);
  });
});
