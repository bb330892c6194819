import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Bound, BoundTerms } from "./bound.ts";
import type { DistanceName } from "./distance.ts";
import { invarianceScore } from "./invariance.ts";
import type { Predictions } from "./predictions.ts";
import { scorePredictions } from "./procedure.ts";

interface Proportion {
  value: number;
  low: number;
  high: number;
}

interface Expected {
  cleanAccuracy: Proportion;
  robustAccuracy: Proportion;
  memberAccuracies: number[];
  invariance: Record<DistanceName, number>;
  invarianceFirst10: Record<DistanceName, number>;
  gapMean: number;
  gapStandardError: number;
  gapMax: number;
  gapQuantiles: number[];
  efficiency: number;
  invarianceInterval: Record<DistanceName, [low: number, high: number]>;
  bound: Record<keyof Bound, Pick<BoundTerms, "cleanRisk" | "meanGap" | "worstCaseRisk">>;
}

interface Fixture {
  classes: number;
  members: number;
  labels: number[];
  cases: { name: string; logits: string; embeddings?: string; expected: Expected }[];
}

const fixture = JSON.parse(
  readFileSync(new URL("../../test/fixtures/procedure.json", import.meta.url), "utf8"),
) as Fixture;

/** [members, samples · width] from base64 of little-endian float32. */
function decode(text: string): Float32Array[] {
  const bytes = Uint8Array.from(Buffer.from(text, "base64"));
  const all = new Float32Array(bytes.buffer);
  const length = all.length / fixture.members;
  return Array.from({ length: fixture.members }, (_, a) => all.subarray(a * length, (a + 1) * length));
}

function predictionsOf({ logits, embeddings }: Fixture["cases"][number]): Predictions {
  const values = embeddings === undefined ? undefined : decode(embeddings);
  return {
    labels: Int32Array.from(fixture.labels),
    classes: fixture.classes,
    memberNames: Array.from({ length: fixture.members }, (_, a) => (a === 0 ? "identity" : `view ${a}`)),
    logits: decode(logits),
    embeddings: values && { values, dimension: values[0].length / fixture.labels.length },
  };
}

describe.each(fixture.cases)("$name: agrees with NumPy", (fixtureCase) => {
  const { expected } = fixtureCase;
  const predictions = predictionsOf(fixtureCase);
  const scores = scorePredictions(predictions);
  const close = { atol: 1e-6, rtol: 0 };
  const numbers = ({ value, low, high }: Proportion) => [value, low, high];

  test("accuracies and their intervals", () => {
    expect(numbers(scores.cleanAccuracy)).toBeAllClose(numbers(expected.cleanAccuracy), close);
    expect(numbers(scores.robustAccuracy)).toBeAllClose(numbers(expected.robustAccuracy), close);
    expect(scores.members.map(({ accuracy }) => accuracy)).toBeAllClose(expected.memberAccuracies, close);
  });

  test.each(Object.keys(expected.invariance) as DistanceName[])("invariance score, %s", (distance) => {
    const score = (samplesPerClass?: number) =>
      invarianceScore(predictions, { distance, samplesPerClass, resamples: 1 }).value;
    expect([score(), score(10)]).toBeAllClose(
      [expected.invariance[distance], expected.invarianceFirst10[distance]],
      close,
    );
  });

  // NumPy draws its own 20,000 resamples: an end of the interval varies by some 0.0005 between seeds.
  test.each(Object.keys(expected.invarianceInterval) as DistanceName[])(
    "bootstrap interval, %s",
    (distance) => {
      const { low, high } = invarianceScore(predictions, { distance, resamples: 20_000 });
      expect([low, high]).toBeAllClose(expected.invarianceInterval[distance], { atol: 0.003 });
    },
  );

  test.each(Object.keys(expected.bound) as (keyof Bound)[])("terms of the bound: %s", (risk) => {
    const { cleanRisk, meanGap, worstCaseRisk } = scores.bound[risk];
    const { cleanRisk: clean, meanGap: gap, worstCaseRisk: worst } = expected.bound[risk];
    expect([cleanRisk, meanGap, worstCaseRisk]).toBeAllClose([clean, gap, worst], close);
  });

  test("alignment gap", () => {
    const { mean, max, quantiles } = scores.alignmentGap;
    expect([mean.value, max]).toBeAllClose([expected.gapMean, expected.gapMax], close);
    expect((mean.high - mean.low) / 2 / 1.959964).toBeCloseTo(expected.gapStandardError, 6);
    expect(quantiles.map(({ value }) => value)).toBeAllClose(expected.gapQuantiles, close);
  });

  test("efficiency", () => {
    expect(scores.efficiency).toBeCloseTo(expected.efficiency, 12);
  });
});
