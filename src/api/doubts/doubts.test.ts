import { describe, expect, test } from "vitest";
import { type Dataset, datasetFromArrays, sample, subset } from "../../data/index.ts";
import type { Predictions } from "../../evaluate/index.ts";
import { readTrainedOn, trainedOnMetadata } from "../trained-on.ts";
import {
  fewStepsDoubts,
  seenImagesDoubts,
  testDataDoubts,
  testResultDoubts,
  trainingDataDoubts,
  trainingResultDoubts,
} from "./index.ts";

/** As many images of each class as `counts` says, each image another one; more of them by `first`. */
function photos(counts: readonly number[], more: Partial<Dataset> = {}, first = 0): Dataset {
  const labels = counts.flatMap((count, label) => new Array<number>(count).fill(label));
  return datasetFromArrays({
    name: "photos",
    shape: [1, 1, 4],
    pixels: labels.flatMap((_, i) => [first, i & 255, i >> 8, 0]),
    labels,
    classNames: ["ant", "bee", "cat", "dog"].slice(0, counts.length),
    ...more,
  });
}
const four = photos([20, 20, 20, 20]);

describe("images to train on", () => {
  test("of several classes, all there, are no doubt", async () =>
    expect(await trainingDataDoubts(four)).toEqual([]));

  test.each([[photos([20])], [photos([0, 20])]])("of one class are noted", async (data) => {
    const [name] = data.classNames.slice(data.labels[0]);
    expect(await trainingDataDoubts(data)).toEqual([
      expect.stringMatching(`^All 20 training images are of the class "${name}"`),
    ]);
  });

  test("without a class are noted, and those that would also be tested on", async () => {
    expect(await trainingDataDoubts(photos([2, 0, 2, 0]))).toEqual([
      expect.stringMatching(/^There is no training image of bee, dog: /),
    ]);
    expect(await trainingDataDoubts(photos([9, 9], { isUnsplit: true }))).toEqual([
      expect.stringMatching(/^photos has no train\/ and test\/ folders: the same images/),
    ]);
  });
});

test("that were kept as 0 and 1 are noted, of any source by a few of them", async () => {
  const black = datasetFromArrays({
    name: "masks",
    shape: [1, 1, 2],
    pixels: Uint8Array.from({ length: 200 }, (_, i) => i & 1),
    labels: Int32Array.from({ length: 100 }, (_, i) => i & 1),
    classNames: ["a", "b"],
  });
  const { name, shape, labels, classNames, hash } = black;
  const source = { name, shape, labels, classNames, hash, read: black.read.bind(black) };
  for (const data of [black, source]) {
    expect(await trainingDataDoubts(data)).toEqual([
      expect.stringMatching(/^Every pixel of masks is 0 or 1/),
    ]);
  }
  expect(await trainingDataDoubts(photos([20, 20]))).toEqual([]);
});

describe("images to test on", () => {
  test("of several classes, 30 and more, are no doubt", async () => {
    expect(await testDataDoubts(four)).toEqual([]);
    expect(await testDataDoubts(photos([15, 15]))).toEqual([]);
  });

  test("of one class, without a class, and few are noted", async () => {
    expect(await testDataDoubts(photos([40]))).toEqual([
      expect.stringMatching(/^All 40 test images .*accuracy 100 %/),
    ]);
    expect(await testDataDoubts(photos([40, 0, 3]))).toEqual([
      expect.stringMatching(/^There is no test image of bee: /),
    ]);
    expect(await testDataDoubts(photos([15, 14]))).toEqual([
      expect.stringMatching(/^The test has 29 images: /),
    ]);
    expect(await testDataDoubts(photos([0, 1]))).toHaveLength(2);
  });
});

describe("images that a model has seen", () => {
  const trainedOn = async (data: Dataset, earlier?: Record<string, string>) =>
    readTrainedOn(await trainedOnMetadata(earlier, data));

  test("are noted, whatever their order, classes and limit", async () => {
    const whole = /^The test images are among those that the model was trained on \(photos, 80 images\)/;
    const backwards = subset(
      four,
      Array.from({ length: 80 }, (_, i) => 79 - i),
      "other",
    );
    const renamed = datasetFromArrays({ ...four, classNames: ["a", "b", "c", "d"], notes: undefined });
    for (const data of [four, backwards, renamed, sample(four, 20)]) {
      expect(await seenImagesDoubts(await trainedOn(four), data)).toEqual([expect.stringMatching(whole)]);
    }
  });

  test("are known by the hash of the data set without a look at them", async () => {
    const { name, shape, labels, classNames, hash } = four;
    const unread = { name, shape, labels, classNames, hash, read: () => Promise.reject(new Error("read")) };
    expect(await seenImagesDoubts(await trainedOn(four), unread)).toHaveLength(1);
  });

  test("are noted in part", async () => {
    expect(await seenImagesDoubts(await trainedOn(sample(four, 20)), four)).toEqual([
      expect.stringMatching(
        /^About 25 % of the test images are among .* \(photos, sample of 20, 20 images\)/,
      ),
    ]);
  });

  test("are known again among many, in a few", async () => {
    const many = photos([3000, 3000]);
    expect((await seenImagesDoubts(await trainedOn(many), sample(many, 200)))[0]).toMatch(
      /^The test images are among/,
    );
    expect(await seenImagesDoubts(await trainedOn(many), photos([3000, 3000], {}, 1))).toEqual([]);
  });

  test("of an earlier training are remembered", async () => {
    const other = photos([20, 20], { name: "other" }, 7);
    const both = await trainedOnMetadata(await trainedOnMetadata({ mine: "1" }, four), other);
    expect(both.mine).toBe("1");
    expect(readTrainedOn(await trainedOnMetadata(both, other))!.map(({ name }) => name)).toEqual([
      "photos",
      "other",
    ]);
    expect(await seenImagesDoubts(readTrainedOn(both), four)).toHaveLength(1);
    expect(await seenImagesDoubts(readTrainedOn(both), other)).toHaveLength(1);
    expect(await seenImagesDoubts(readTrainedOn(both), photos([20, 20], {}, 8))).toEqual([]);
  });

  test("are suspected where nothing is known and the folder is not split", async () => {
    expect(await seenImagesDoubts(null, four)).toEqual([]);
    expect(await seenImagesDoubts(null, photos([9, 9], { isUnsplit: true }))).toEqual([
      expect.stringMatching(/^photos has no train\/ and test\/ folders: if the model was trained on it/),
    ]);
    expect(await seenImagesDoubts(await trainedOn(four), photos([9, 9], { isUnsplit: true }, 9))).toEqual([]);
  });

  test("are not known from metadata that is not ours", () => {
    expect(readTrainedOn({})).toBeNull();
    expect(readTrainedOn({ "alignreg.trainedOn": "{" })).toBeNull();
    expect(readTrainedOn({ "alignreg.trainedOn": "[1]" })).toBeNull();
  });
});

test("a training of fewer steps than weights need is noted", () => {
  expect(fewStepsDoubts({ epochs: 2, stepsPerEpoch: 2 })).toEqual([
    expect.stringMatching(
      /^Training is 4 steps in all \(2 epochs of 2\).*more epochs, a smaller batch size or more images/,
    ),
  ]);
  expect(fewStepsDoubts({ epochs: 1, stepsPerEpoch: 40 })).toEqual([]);
});

describe("a training's last epoch", () => {
  const history = (accuracy: number) =>
    ([0.99, accuracy] as const).map((each, i) => ({
      ...({ kind: "epoch", step: i, epoch: i + 1, learningRate: 0.1, loss: 1, accuracy: each } as const),
    }));

  test.each([0.25, 0.2, 0.3])("at an accuracy of %s with four classes is at chance", (accuracy) => {
    expect(trainingResultDoubts(history(accuracy), four)).toEqual([
      expect.stringMatching(
        accuracy > 0.25
          ? /^The last epoch's training accuracy, 30\.0 %, may be chance: .* has 25\.0 %, and up to \d\d\.\d % on so few images/
          : /^The last epoch's training accuracy, .* is no better than chance: .* has 25\.0 %/,
      ),
    ]);
  });

  test("above chance is no doubt, nor with one class or without an epoch", () => {
    expect(trainingResultDoubts(history(0.5), four)).toEqual([]);
    expect(trainingResultDoubts(history(1), photos([9]))).toEqual([]);
    expect(trainingResultDoubts([], four)).toEqual([]);
  });

  test("is measured by the most frequent class", () => {
    expect(trainingResultDoubts(history(0.9), photos([90, 10]))).toHaveLength(1);
    expect(trainingResultDoubts(history(0.97), photos([90, 10]))).toEqual([]);
  });
});

describe("a test's answers", () => {
  /** Predictions of these classes, of as many as `classes`. */
  const answers = (
    data: Dataset,
    answerOf: (label: number, i: number) => number,
    classes = 4,
  ): Predictions => ({
    labels: data.labels,
    classes,
    memberNames: ["identity"],
    logits: [
      Float32Array.from({ length: data.labels.length * classes }, (_, at) => {
        const i = Math.floor(at / classes);
        return at % classes === answerOf(data.labels[i], i) ? 1 : 0;
      }),
    ],
  });

  test("that are mostly right are no doubt", () => {
    expect(
      testResultDoubts(
        answers(four, (label, i) => (i % 4 ? label : 0)),
        four,
      ),
    ).toEqual([]);
  });

  test("that are always the same are noted, by name", () => {
    expect(
      testResultDoubts(
        answers(four, () => 2),
        four,
      ),
    ).toEqual([expect.stringMatching(/^The model gives the class "cat" for all 80 images/)]);
    expect(
      testResultDoubts(
        answers(four, () => 6, 7),
        four,
      ),
    ).toEqual([expect.stringMatching(/^The model gives class 6 for all 80 images/)]);
  });

  test("at chance, below chance, and no better than the most frequent class are told apart", () => {
    expect(
      testResultDoubts(
        answers(four, (_, i) => i % 4),
        four,
      ),
    ).toEqual([expect.stringMatching(/^Clean accuracy, 25\.0 %, is no better than chance: .* has 25\.0 %/)]);
    expect(
      testResultDoubts(
        answers(four, (label) => (label + 1) % 4),
        four,
      ),
    ).toEqual([
      expect.stringMatching(
        /^Clean accuracy, 0\.0 %, is below chance: are the model's classes in another order/,
      ),
    ]);
    const uneven = photos([90, 10]);
    expect(
      testResultDoubts(
        answers(uneven, (_, i) => (i < 3 ? 1 : 0), 2),
        uneven,
      ),
    ).toEqual([expect.stringMatching(/no better than chance: .* has 90\.0 %/)]);
  });

  test("for images of one class are no news", () => {
    const one = photos([40]);
    expect(
      testResultDoubts(
        answers(one, () => 0),
        one,
      ),
    ).toEqual([]);
  });
});
