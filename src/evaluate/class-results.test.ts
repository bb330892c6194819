import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { answersOf } from "./answers.ts";
import type { ClassAnswers } from "./class-report.ts";
import { classResults } from "./class-results.ts";
import type { Predictions } from "./predictions.ts";
import { scorePredictions } from "./procedure.ts";

interface Expected {
  matrix: number[][];
  precision: (number | null)[];
  recall: (number | null)[];
  f1: (number | null)[];
  support: number[];
  macro: (number | null)[];
}

interface Case {
  name: string;
  classes: number;
  labels: number[];
  logits: number[][];
  clean: Expected;
  worstCase: Expected;
  worstMembers: number[];
  worstMargins: number[];
}

const cases = JSON.parse(
  readFileSync(new URL("../../test/fixtures/class-report.json", import.meta.url), "utf8"),
) as Case[];

const predictionsOf = ({ labels, classes, logits }: Case): Predictions => ({
  labels: Int32Array.from(labels),
  classes,
  memberNames: logits.map((_, a) => (a === 0 ? "identity" : `view ${a}`)),
  logits: logits.map((rows) => Float32Array.from(rows)),
});

describe.each(cases)("$name: agrees with scikit-learn", (fixture) => {
  const predictions = predictionsOf(fixture);
  const { perClass } = classResults(predictions);
  const close = (actual: (number | null)[], expected: (number | null)[]) => {
    expect(actual.map((v) => v === null)).toEqual(expected.map((v) => v === null));
    expect(actual.map((v) => v ?? 0)).toBeAllClose(
      expected.map((v) => v ?? 0),
      { atol: 1e-12 },
    );
  };

  test.each(["clean", "worstCase"] as const)("%s", (kind) => {
    const expected = fixture[kind];
    const of = (pick: (answers: ClassAnswers) => number | null) =>
      perClass.classes.map((scores) => pick(scores[kind]));
    expect(perClass.confusion![kind]).toEqual(expected.matrix);
    expect(perClass.classes.map(({ images }) => images)).toEqual(expected.support);
    close(
      of(({ precision }) => precision?.value ?? null),
      expected.precision,
    );
    close(
      of(({ recall }) => recall?.value ?? null),
      expected.recall,
    );
    close(
      of(({ f1 }) => f1),
      expected.f1,
    );
    const { precision, recall, f1 } = perClass.averages[kind];
    close([precision, recall, f1], expected.macro);
  });

  test("the worst case is the member with the lowest margin", () => {
    const { worstCase } = answersOf(predictions);
    expect([...worstCase.members]).toEqual(fixture.worstMembers);
    expect([...worstCase.margins]).toEqual(fixture.worstMargins);
  });

  test("its answers are right exactly for the share that is robust accuracy", () => {
    const { robustAccuracy, cleanAccuracy } = scorePredictions(predictions);
    const right = (matrix: readonly (readonly number[])[]) => matrix.reduce((sum, row, i) => sum + row[i], 0);
    const { clean, worstCase } = perClass.confusion!;
    expect(right(worstCase) / fixture.labels.length).toBeCloseTo(robustAccuracy.value, 12);
    expect(right(clean) / fixture.labels.length).toBeCloseTo(cleanAccuracy.value, 12);
  });
});

test("of two ties for the largest logit, the worst case is the one whose answer is wrong", () => {
  const [right, wrong] = [Float32Array.of(0, 1, 1), Float32Array.of(1, 1, 0)];
  for (const logits of [
    [right, wrong],
    [wrong, right],
  ]) {
    const predictions = { labels: Int32Array.of(1), classes: 3, memberNames: ["identity", "view"], logits };
    const { worstCase } = answersOf(predictions);
    expect([worstCase.classes[0], worstCase.members[0]]).toEqual([0, logits.indexOf(wrong)]);
    expect(scorePredictions(predictions).robustAccuracy.value).toBe(0);
  }
});

/** Two classes; an image is [clean margin of the label, margin under the view]. */
function twoClasses(images: readonly (readonly [label: 0 | 1, clean: number, view: number])[]): Predictions {
  const rows = (member: 1 | 2) =>
    Float32Array.from(images.flatMap((image) => (image[0] === 0 ? [image[member], 0] : [0, image[member]])));
  return {
    labels: Int32Array.from(images, ([label]) => label),
    classes: 2,
    memberNames: ["identity", "turned"],
    logits: [rows(1), rows(2)],
    files: images.map((_, i) => `photos/${i}.jpg`),
  };
}

describe("the hardest images", () => {
  const predictions = twoClasses([
    [0, 2, 1],
    [1, -3, -9],
    [0, -1, 4],
    [1, 5, -2],
    [0, 1, -4],
  ]);
  const { hardest } = classResults(predictions, { classNames: ["ant", "bee"] });

  test("as they are: those first that are wrong with the most confidence", () => {
    expect(hardest.clean.map(({ index, margin }) => [index, margin])).toEqual([
      [1, -3],
      [2, -1],
      [4, 1],
      [0, 2],
      [3, 5],
    ]);
    const [first] = hardest.clean;
    expect(first).toMatchObject({ file: "photos/1.jpg", label: "bee", answer: "ant", isRight: false });
    expect(first.member).toBe("identity");
    expect([first.confidence, first.labelProbability]).toBeAllClose(
      [1 / (1 + Math.exp(-3)), 1 / (1 + Math.exp(3))],
      { atol: 1e-9 },
    );
  });

  test("broken: right as they are, by the member that does most harm", () => {
    expect(hardest.broken.map(({ index, margin, member }) => [index, margin, member])).toEqual([
      [4, -4, "turned"],
      [3, -2, "turned"],
      [0, 1, "turned"],
    ]);
    expect(hardest.broken.map(({ isRight }) => isRight)).toEqual([false, false, true]);
  });

  test("are as many as asked for, and of images without a file none is named", () => {
    const few = classResults({ ...predictions, files: undefined }, { hardest: 1 }).hardest;
    expect([few.clean.length, few.broken.length]).toEqual([1, 1]);
    expect(few.clean[0]).not.toHaveProperty("file");
    expect(classResults(predictions, { hardest: 0 }).hardest).toEqual({ clean: [], broken: [] });
  });
});

test("of a model with many more classes, those of the data and those answered are listed", () => {
  const classes = 5000;
  const logits = new Float32Array(3 * classes);
  logits[4] = logits[classes + 4321] = logits[2 * classes + 4] = 1;
  const predictions = {
    labels: Int32Array.of(4, 4, 4),
    classes,
    memberNames: ["identity"],
    logits: [logits],
  };
  const { perClass } = classResults(predictions, { listed: [4, 9], classNames: ["a", "b", "c", "d", "e"] });
  expect(perClass.classes.map(({ name, images }) => [name, images])).toEqual([
    ["e", 3],
    ["9", 0],
    ["4321", 0],
  ]);
  expect(perClass.confusion!.clean).toEqual([[2, 0, 1], [0, 0, 0], [0, 0, 0]]); // prettier-ignore
  expect(perClass.mistakes.clean).toEqual([{ label: "e", answer: "4321", images: 1 }]);
  const whole = classResults(predictions).perClass;
  expect([whole.classes.length, whole.confusion]).toEqual([classes, null]);
  expect(whole.mistakes).toEqual({
    clean: [{ label: "4", answer: "4321", images: 1 }],
    worstCase: [{ label: "4", answer: "4321", images: 1 }],
  });
});
