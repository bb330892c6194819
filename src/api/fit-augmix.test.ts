import { describe, expect, test } from "vitest";
import { data, greyLevels, options, twoLayers, weightsOf } from "../../test/small-run.ts";
import { rotation, translate } from "../augment/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type FitOptions, fit } from "./index.ts";

const run = (changes: FitOptions) =>
  fit(twoLayers(), data, { ...options, transforms: undefined, ...changes });

describe("method augmix", () => {
  test("trains by λ 12 on mixtures that the manifest describes, and lowers the consistency's term", async () => {
    const { manifest, history } = await run({ method: "augmix", epochs: 2 });
    expect(manifest.config).toMatchObject({
      method: "augmix",
      alignmentWeight: 12,
      transforms: null,
      augmix: { severity: 3, width: 3, depth: null },
    });
    const [first] = history;
    expect(first.alignment).toBeGreaterThan(0);
    expect(first).not.toHaveProperty("viewLoss");
    expect(first.loss).toBeCloseTo(first.cleanLoss! + 12 * first.alignment!, 4);
  });

  test("is another run by another seed, severity, width or depth; the same by the same", async () => {
    const weights = async (changes: FitOptions) =>
      weightsOf((await run({ method: "augmix", ...changes })).model);
    const once = await weights({});
    expect(await weights({})).toEqual(once);
    for (const augmix of [{ severity: 9 }, { width: 1 }, { depth: 5 }])
      expect(await weights({ augmix })).not.toEqual(once);
  });

  test("says where chains are of the kind that the model is tested under", async () => {
    const noted = async (changes: FitOptions) =>
      (await run({ method: "augmix", ...changes })).notes.filter((note) => note.includes("never seen"));
    expect(await noted({})).toEqual([]);
    expect(await noted({ transforms: rotation() })).toEqual([expect.stringContaining("(rotation)")]);
    expect(await noted({ transforms: "contrast" })).toEqual([]);
    expect(await noted({ transforms: "contrast", augmix: { operations: "rotation+contrast" } })).toEqual([
      expect.stringMatching(/the operations given \(.*\), and contrast/),
    ]);
    expect(await noted({ validation: greyLevels(9, 3) })).toHaveLength(1);
    expect(await noted({ transforms: rotation(), augmix: { operations: translate() } })).toEqual([]);
  });

  test.each<[FitOptions, RegExp]>([
    [{ method: "rwa", augmix: { width: 2 } }, /augmix.width is of method "augmix", not "rwa"/],
    [{ method: "augmix", augmentation: "eager" }, /drawn anew in each step/],
    [{ method: "augmix", augmix: { severity: 11 } }, /augmix.severity.*at most 10/],
    [{ method: "augmix", augmix: { severity: NaN } }, /augmix.severity/],
    [{ method: "augmix", augmix: { depth: 0 } }, /augmix.depth/],
    [{ method: "augmix", augmix: { width: 1e9 } }, /augmix.*10,000/],
    [{ method: "augmix", augmix: { operations: "rotatoin" } }, /rotation/],
    [{ method: "augmix", augmix: { operations: "./mine.mjs" } }, /Load it first/],
    [{ method: "augmix", augmix: { with: 2 } as never }, /width/],
    [{ method: "augmix", cache: true, trainable: { last: 1 } }, /drawn anew/],
    [{ method: "augmix", alignSelectBy: "distance" }, /no alignment distance/],
  ])("refuses %j", async (changes, message) => {
    await expect(run(changes)).rejects.toThrow(UsageError);
    await expect(run(changes)).rejects.toThrow(message);
  });
});

describe("hardest", () => {
  test("trains on the share with the largest losses: their mean is above that of all", async () => {
    const lossOf = async (changes: FitOptions) =>
      (await run({ method: "vwa", learningRate: 0, batchSize: 42, ...changes })).history[0];
    const [all, third] = [await lossOf({}), await lossOf({ hardest: "1/3" })];
    expect(third.viewLoss).toBeGreaterThan(all.viewLoss! + 0.01);
    expect(third.accuracy).toBe(all.accuracy);
    expect(await lossOf({ hardest: 1 })).toEqual(all);
  });

  test.each([0, 1.5, NaN, "1/0", "3/1", "a third", -1, "1 / -3"])("refuses %j", async (hardest) => {
    await expect(run({ hardest })).rejects.toThrow(/hardest.*above 0 and at most 1/);
  });

  test("is refused with the Python package's objective", async () => {
    await expect(run({ hardest: 0.5, compat: "alignreg-1.0" })).rejects.toThrow(/whole batches/);
  });
});

describe("terms over a batch, and of losses", () => {
  test.each<[FitOptions, RegExp]>([
    [{ regularizer: "vicreg", alignSelectBy: "distance" }, /"vicreg" is a term over a batch/],
    [{ regularizer: "barlow", parts: true }, /"barlow" is a term over a batch, and parts/],
    [{ regularizer: "vicreg", compat: "alignreg-1.0" }, /sums a distance/],
    [{ regularizer: "dair", compat: "alignreg-1.0" }, /sums a distance/],
    [{ regularizer: "vicreg", regularizerOptions: { steps: 3 } }, /takes no "steps"/],
  ])("refuses %j", async (changes, message) => {
    await expect(run(changes)).rejects.toThrow(message);
  });

  test("say that the batch's size matters, once", async () => {
    const { notes } = await run({ regularizer: "vicreg" });
    expect(notes.filter((note) => note.includes("over a whole batch"))).toEqual([
      expect.stringMatching(/"vicreg" is a term over a whole batch.*16 images/),
    ]);
    expect((await run({ regularizer: "dair" })).notes.join()).not.toMatch(/whole batch/);
  });

  test("dair and barlow train, with finite losses", async () => {
    for (const regularizer of ["dair", "barlow"] as const) {
      const { history } = await run({ regularizer, epochs: 2 });
      expect(history.every(({ loss }) => Number.isFinite(loss))).toBe(true);
      expect(history[0].alignment).toBeGreaterThan(0);
    }
  });
});
