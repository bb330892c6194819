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

/** Counts must be equal; distances and risks may differ by float32's rounding. */
export function expectSameScores(got: ZooScores, want: ZooScores): void {
  const { alignmentGap: gap, bound, ...counts } = got;
  const { alignmentGap: wantedGap, bound: wantedBound, ...wantedCounts } = want;
  expect(counts).toEqual(wantedCounts);
  expectNear({ gap, bound }, { gap: wantedGap, bound: wantedBound });
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
