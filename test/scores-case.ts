/** Scores of a model on the zoo's images, and when two sets of them are the same. */
import { expect } from "vitest";
import { type EvaluateOptions, type EvaluationResult, evaluate } from "../src/api/index.ts";
import { rotation } from "../src/augment/index.ts";
import { type Dataset, datasetFromArrays } from "../src/data/index.ts";
import { normalization } from "./pytorch-case.ts";

export type ZooScores = Omit<EvaluationResult, "manifest" | "notes">;

/** Every score, under rotations. */
export async function scoresOf(
  model: string | Uint8Array,
  data: Dataset,
  options: EvaluateOptions = {},
): Promise<ZooScores> {
  const { manifest, notes, ...scores } = await evaluate(model, data, {
    ...normalization,
    transforms: rotation({ degrees: [30, 60] }),
    threads: 1,
    onNote: () => undefined,
    ...options,
  });
  expect(manifest.data.samples).toBe(data.labels.length);
  expect(notes).toBeInstanceOf(Array);
  return scores;
}

/** Counts must be equal; distances, risks and margins may differ by float32's rounding, and classes be named otherwise. */
export function expectSameScores(got: ZooScores, want: ZooScores): void {
  const [found, wanted] = [parted(got), parted(want)];
  expect(found.counts).toEqual(wanted.counts);
  expectNear(found.numbers, wanted.numbers);
}

/** What must be equal, and what be near: without the names of classes, and in an order that they do not decide. */
function parted({
  alignmentGap: gap,
  bound,
  perClass,
  hardest,
  calibration,
  stability,
  ...counts
}: ZooScores) {
  const { classes, averages, confusion, mistakes } = perClass;
  const sorted = (values: readonly number[]) => [...values].sort((x, y) => x - y);
  const inBoth = <T, U>({ clean, worstCase }: { clean: T; worstCase: T }, of: (value: T) => U) => [
    of(clean),
    of(worstCase),
  ];
  const images = (list: typeof hardest.clean) => [...list].sort((x, y) => x.index - y.index);
  return {
    counts: {
      ...counts,
      classes: classes
        .map(({ images, clean, worstCase }) => JSON.stringify({ images, clean, worstCase }))
        .sort(),
      confusion: confusion && inBoth(confusion, (matrix) => sorted(matrix.flat())),
      mistakes: inBoth(mistakes, (list) => sorted(list.map(({ images }) => images))),
      hardest: [hardest.clean, hardest.broken].map((list) =>
        images(list).map(({ index, isRight }) => ({ index, isRight })),
      ),
    },
    numbers: {
      gap,
      bound,
      calibration,
      stability,
      averages,
      hardest: [hardest.clean, hardest.broken].map((list) =>
        images(list).map(({ confidence, labelProbability, margin }) => ({
          confidence,
          labelProbability,
          margin,
        })),
      ),
    },
  };
}

function expectNear(got: unknown, want: unknown, where = ""): void {
  if (typeof want === "number") {
    const error = Math.abs((got as number) - want);
    expect(error / Math.max(1, Math.abs(want)), `${where}: ${got as number}, expected ${want}`).toBeLessThan(
      1e-5,
    );
  } else if (typeof want === "object" && want !== null) {
    expect(Object.keys(got as object)).toEqual(Object.keys(want));
    for (const [key, value] of Object.entries(want))
      expectNear((got as Record<string, unknown>)[key], value, `${where}.${key}`);
  } else expect(got, where).toBe(want);
}

/** The same images under other class names, listed in the order of `order`: as folders of those names are read. */
export function inOtherOrder(
  data: Dataset,
  order: readonly number[],
  rename = (name: string) => name,
): Dataset {
  return datasetFromArrays({
    name: data.name,
    shape: data.shape,
    pixels: data.pixels,
    labels: Array.from(data.labels, (label) => order.indexOf(label)),
    classNames: order.map((label) => rename(data.classNames[label])),
  });
}
