import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { floats } from "../../test/image-fixture.ts";
import { areaUnderCurve } from "./area-under-curve.ts";
import { type StabilityScores, stabilityScores } from "./index.ts";

interface Case extends StabilityScores {
  readonly classes: number;
  readonly temperature: number;
  readonly logits: readonly string[];
  readonly labels: readonly number[];
}

/** Made by tools/fixtures/stability.py with scikit-learn. */
const { cases } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../test/fixtures/stability.json"), "utf8"),
) as { readonly cases: readonly Case[] };

test.each(cases)("$labels.length images of $classes classes: scikit-learn's areas", (c) => {
  const { classes, temperature, agreeing, others } = c;
  const logits = c.logits.map(floats);
  const memberNames = logits.map((_, i) => `member ${i}`);
  const found = stabilityScores(
    { classes, logits, labels: Int32Array.from(c.labels), memberNames },
    temperature,
  )!;
  expect({ agreeing: found.agreeing, others: found.others }).toEqual({ agreeing, others });
  expect(found.areaUnderCurve).toBeCloseTo(c.areaUnderCurve!, 12);
  expect(found.areaOfProbability).toBeCloseTo(c.areaOfProbability!, 12);
});

test("without views there is no stability, and without wrong answers nothing to tell", () => {
  const clean = Float32Array.of(1, 0, 0, 1);
  const predictions = { labels: Int32Array.of(0, 1), classes: 2, memberNames: ["identity"], logits: [clean] };
  expect(stabilityScores(predictions)).toBeNull();
  const viewed = { ...predictions, memberNames: ["identity", "a"], logits: [clean, clean] };
  expect(stabilityScores(viewed)).toEqual({
    agreeing: { images: 2, right: 2 },
    others: { images: 0, right: 0 },
    areaUnderCurve: null,
    areaOfProbability: null,
  });
});

test("the area is the share of pairs in order, whatever the scores' scale and order", () => {
  expect(areaUnderCurve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75);
  expect(areaUnderCurve([8, 3.5, 4, 1], [1, 1, 0, 0])).toBe(0.75);
  expect(areaUnderCurve([1, 1, 1], [1, 0, 1])).toBe(0.5);
});
