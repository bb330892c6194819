import { describe, expect, test } from "vitest";
import type { Transform } from "../augment/family.ts";
import type { ImageBatch } from "../tensor/image-batch.ts";
import { LabelError, NonFiniteError } from "./errors.ts";
import type { LabelledImages } from "./labelled-images.ts";
import { predictMembers, testClassifier } from "./predict-members.ts";
import { type Predictions, checkPredictions } from "./predictions.ts";
import { scorePredictions } from "./procedure.ts";

const member = (name: string, change: (x: number) => number): Transform => ({
  name,
  parameters: {},
  apply: ({ data }) => data.map(change),
});
const family = { members: [member("identity", (x) => x), member("negative", (x) => 1 - x)] };

/** Images [1, 1, 2]: (x, x) with x = label, so that a classifier may read the label off. */
function dataOf(labels: number[]): LabelledImages {
  return {
    labels: Int32Array.from(labels),
    classes: 2,
    shape: [1, 1, 2],
    read(indices, out) {
      for (let i = 0; i < indices.length; i++) out.fill(labels[indices[i]], i * 2, i * 2 + 2);
      return Promise.resolve();
    },
  };
}

/** Logits (−x, x) per image: right on the identity, wrong on the negative. */
const readOff = ({ data, shape }: ImageBatch) =>
  Promise.resolve(
    Float32Array.from({ length: shape[0] * 2 }, (_, j) => (data[j] - 0.5) * (j % 2 === 0 ? -1 : 1)),
  );

test("any function can be tested", async () => {
  const scores = await testClassifier(readOff, dataOf([0, 1, 1, 0, 1]), family);
  expect(scores.samples).toBe(5);
  expect(scores.cleanAccuracy.value).toBe(1);
  expect(scores.robustAccuracy.value).toBe(0);
  expect(scores.members.map(({ name, accuracy }) => [name, accuracy])).toEqual([
    ["identity", 1],
    ["negative", 0],
  ]);
});

test("batches cover every sample under every member, in order, whatever the batch size", async () => {
  const data = dataOf([0, 1, 1, 0, 1]);
  const whole = await predictMembers(readOff, data, family);
  const progress: string[] = [];
  const sizes: number[] = [];
  const inTwos = await predictMembers(
    (images) => (sizes.push(images.shape[0]), readOff(images)),
    data,
    family,
    { batchSize: 2, onProgress: (done, total) => progress.push(`${done}/${total}`) },
  );
  expect(inTwos).toEqual(whole);
  expect(whole.logits[1]).toEqual(whole.logits[0].map((x) => -x));
  expect(sizes).toEqual([2, 2, 2, 2, 1, 1]);
  expect(progress).toEqual(["2/10", "4/10", "6/10", "8/10", "9/10", "10/10"]);
});

test("embeddings beside the logits are gathered alike, and are what the invariance score compares", async () => {
  // The image itself: the identity and the negative of a 0 and a 1 coincide crosswise.
  const embed = async (images: ImageBatch) => ({
    logits: await readOff(images),
    embeddings: images.data.slice(),
  });
  const data = dataOf([0, 1, 1, 0, 1]);
  const { embeddings, logits } = await predictMembers(embed, data, family, { batchSize: 2 });
  expect(embeddings!.dimension).toBe(2);
  expect([...embeddings!.values[0]]).toEqual([0, 0, 1, 1, 1, 1, 0, 0, 1, 1]);
  expect([...embeddings!.values[1]]).toEqual([1, 1, 0, 0, 0, 0, 1, 1, 0, 0]);
  expect(logits).toEqual((await predictMembers(readOff, data, family)).logits);

  const constant = async (images: ImageBatch) => ({
    logits: await readOff(images),
    embeddings: new Float32Array(images.shape[0] * 7),
  });
  const scores = await testClassifier(constant, data, family);
  const ofLogits = await testClassifier(readOff, data, family);
  expect(scores.invarianceScore.value).toBeCloseTo((1 / 2 + 1 / 3) / 2, 12);
  expect({ ...scores, invarianceScore: ofLogits.invarianceScore }).toEqual(ofLogits);
});

test("an unknown distance is refused before anything is predicted", async () => {
  let calls = 0;
  const counted = (images: ImageBatch) => (calls++, readOff(images));
  await expect(testClassifier(counted, dataOf([0, 1]), family, { distance: "l3" as never })).rejects.toThrow(
    'Unknown distance "l3". Choose one of: l2, l1, cosine, kl.',
  );
  expect(calls).toBe(0);
});

test("robust accuracy ≤ the worst member's accuracy ≤ clean accuracy or another's", async () => {
  const noisy = ({ data, shape }: ImageBatch) =>
    Promise.resolve(
      Float32Array.from({ length: shape[0] * 2 }, (_, j) => Math.sin(7 * j) * data[j] + (j % 2)),
    );
  const labels = Array.from({ length: 50 }, (_, i) => (i * i) % 2);
  const scores = await testClassifier(noisy, dataOf(labels), family);
  const worst = Math.min(...scores.members.map(({ accuracy }) => accuracy));
  expect(scores.robustAccuracy.value).toBeLessThanOrEqual(worst);
  expect(worst).toBeLessThanOrEqual(scores.cleanAccuracy.value);
  expect(scores.cleanAccuracy.value).toBe(scores.members[0].accuracy);
});

describe("refuses, saying what is wrong and where,", () => {
  const predict = (rows: number[]) => () => Promise.resolve(Float32Array.from(rows));

  test("a test set without samples", async () => {
    await expect(predictMembers(readOff, dataOf([]), family)).rejects.toThrow("no samples");
  });
  test("labels beyond the classes", async () => {
    const run = predictMembers(readOff, dataOf([0, 2]), family);
    await expect(run).rejects.toThrow(LabelError);
    await expect(run).rejects.toThrow("Label 2 of sample 1 names none of the 2 classes");
  });
  test("logits of another length", async () => {
    await expect(predictMembers(predict([1, 2, 3]), dataOf([0, 1]), family)).rejects.toThrow(
      'predict returned 3 numbers for 2 images of member "identity"; expected logits [2, 2], that is 4',
    );
  });
  test("embeddings of another length than the first batch's", async () => {
    let calls = 0;
    const embed = async (images: ImageBatch) => ({
      logits: await readOff(images),
      embeddings: new Float32Array(calls++ === 0 ? 6 : 5),
    });
    await expect(predictMembers(embed, dataOf([0, 1]), family)).rejects.toThrow(
      'predict returned 5 numbers for 2 images of member "negative"; expected embeddings [2, 3], that is 6',
    );
  });
  test("embeddings that are not finite", async () => {
    const embed = async (images: ImageBatch) => ({
      logits: await readOff(images),
      embeddings: Float32Array.of(0, NaN),
    });
    await expect(predictMembers(embed, dataOf([0, 1]), family)).rejects.toThrow(
      'The embeddings of member "identity", sample 1 contain NaN',
    );
  });
  test("logits that are not finite", async () => {
    const diverged = (images: ImageBatch) =>
      Promise.resolve(Float32Array.from(images.data, (x) => (x === 0 ? 1 : 1 / 0)));
    const run = predictMembers(diverged, dataOf([1, 0, 1]), { members: [family.members[1]] });
    await expect(run).rejects.toThrow(NonFiniteError);
    await expect(run).rejects.toThrow('member "negative", sample 1 contain Infinity');
  });
  test("a batch size below 1", async () => {
    await expect(predictMembers(readOff, dataOf([0]), family, { batchSize: 0 })).rejects.toThrow(
      "batchSize is 0",
    );
  });
});

describe("predictions made elsewhere are checked:", () => {
  const good: Predictions = {
    labels: Int32Array.of(0, 1),
    classes: 2,
    memberNames: ["identity", "negative"],
    logits: [Float32Array.of(1, 0, 0, 1), Float32Array.of(1, 0, 0, 1)],
  };
  test.each<[string, Partial<Predictions>, string]>([
    ["no samples", { labels: new Int32Array() }, "no samples"],
    ["no members", { memberNames: [] }, "no members"],
    ["no classes", { classes: 0 }, "number of classes is 0"],
    ["a label out of range", { labels: Int32Array.of(0, -1) }, "Label -1 of sample 1"],
    ["a member missing", { logits: [good.logits[0]] }, "logits for 1 members and names for 2"],
    ["short logits", { logits: [good.logits[0], Float32Array.of(1)] }, 'member "negative" have 1 numbers'],
    ["NaN", { logits: [Float32Array.of(1, 0, NaN, 1), good.logits[1]] }, 'member "identity", sample 1'],
    [
      "embeddings of another length",
      { embeddings: { values: good.logits, dimension: 3 } },
      'embeddings of member "identity" have 4 numbers; expected [2, 3]',
    ],
  ])("%s", (_, change, message) => {
    expect(() => checkPredictions({ ...good, ...change })).toThrow(message);
    expect(() => scorePredictions({ ...good, ...change })).toThrow(message);
  });
  test("good ones pass", () => expect(scorePredictions(good).cleanAccuracy.value).toBe(1));
});
