import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { floats } from "../../test/image-fixture.ts";
import { calibrationError, calibrationScores, fitTemperature } from "./index.ts";

interface Case {
  readonly classes: number;
  readonly logits: string;
  readonly labels: readonly number[];
  readonly temperature: number;
  readonly before: number;
  readonly after: number;
}

/** Made by tools/fixtures/calibration.py with SciPy and NumPy. */
const { cases } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../test/fixtures/calibration.json"), "utf8"),
) as { readonly cases: readonly Case[] };

describe.each(cases)("$labels.length images of $classes classes, temperature $temperature", (c) => {
  const [logits, labels] = [floats(c.logits), Int32Array.from(c.labels)];

  test("the temperature is SciPy's", () => {
    const fitted = fitTemperature(logits, labels, c.classes);
    expect(fitted).toHaveProperty("temperature");
    // SciPy stops where the loss no longer falls in double precision.
    expect((fitted as { temperature: number }).temperature / c.temperature).toBeCloseTo(1, 6);
  });

  test("the calibration errors are NumPy's", () => {
    expect(calibrationError([logits], labels, c.classes)).toBeCloseTo(c.before, 10);
    expect(calibrationError([logits], labels, c.classes, c.temperature)).toBeCloseTo(c.after, 10);
  });

  test("logits times a number have that times the temperature", () => {
    const times = logits.map((z) => 0.5 * z);
    const fitted = fitTemperature(times, labels, c.classes) as { temperature: number };
    expect(fitted.temperature / (0.5 * c.temperature)).toBeCloseTo(1, 6);
  });
});

describe("there is no temperature", () => {
  const labels = Int32Array.from({ length: 30 }, (_, i) => i % 3);
  const sure = Float32Array.from({ length: 90 }, (_, i) => (i % 3 === labels[Math.floor(i / 3)] ? 5 : 0));

  test.each([
    ["for a few images", sure.subarray(0, 57), labels.subarray(0, 19), /19 images are too few/],
    ["where every answer is right", sure, labels, /right as good as always/],
    ["where answers are worse than chance", sure.map((z) => -z), labels, /no better than chance/],
    ["of logits that say nothing", new Float32Array(90), labels, /right as good as always|no better/],
  ])("%s", (_, logits, given, why) => {
    const found = fitTemperature(logits, given, 3);
    expect("none" in found && found.none).toMatch(why);
  });
});

test("views but the identity are taken together, and without a temperature nothing stands after", () => {
  const [right, wrong] = [Float32Array.of(3, 0, 0, 3), Float32Array.of(0, 3, 3, 0)];
  const predictions = {
    labels: Int32Array.of(0, 1),
    classes: 2,
    memberNames: ["identity", "a", "b"],
    logits: [right, right, wrong],
  };
  const sure = 1 / (1 + Math.exp(-3));
  const { clean, shifted, temperature, bins } = calibrationScores(predictions);
  expect([temperature, bins, clean.after, shifted.after]).toEqual([null, 15, null, null]);
  expect(clean.before).toBeCloseTo(1 - sure, 12);
  expect(shifted.before).toBeCloseTo(sure - 0.5, 12);
  expect(calibrationScores(predictions, 100).clean.after).toBeCloseTo(1 - 1 / (1 + Math.exp(-0.03)), 12);
  expect(calibrationError([], Int32Array.of(), 2)).toBe(0);
});
