import { describe, expect, test } from "vitest";
import { data, options, smallNet, twoLayers } from "../../test/small-run.ts";
import { type ClassWeights, classWeightsOf } from "./class-weights.ts";
import { type FitOptions, fit } from "./index.ts";

const quiet: FitOptions = { ...options, onNote: () => undefined };

describe("class weights", () => {
  const some = {
    name: "some",
    labels: Int32Array.of(0, 0, 0, 0, 0, 0, 1, 1, 2),
    classNames: ["ant", "bee", "caf\u00e9", "none"],
  };
  const byLogit = (given: ClassWeights, logitOf = [0, 1, 2, 3]) =>
    classWeightsOf(given, some, logitOf).byLogit;

  test("balanced, every class that has images counts alike in all", () => {
    expect(byLogit("balanced")).toEqual([0.5, 1.5, 3, 1]);
  });

  test("are given in the order of the classes or by name, and go to the logits", () => {
    expect(byLogit([1, 2, 3, 4], [3, 0, 5, 1])).toEqual([2, 4, 1, 1, 1, 3].with(3, 1));
    expect(byLogit({ bee: 2, "cafe\u0301": 5 })).toEqual([1, 2, 5, 1]);
    expect(classWeightsOf({ bee: 2 }, some, [0, 1, 2, 3]).notes).toEqual([
      "Classes count in the loss: ant 1, bee 2, café 1, none 1.",
    ]);
    expect(classWeightsOf(null, some, [0, 1, 2, 3])).toEqual({ byLogit: null, notes: [] });
  });

  test.each([
    [[1, 2], /has 2 numbers; some has 4 classes: ant, bee/],
    [{ wasp: 2 }, /names the class "wasp", which some has not/],
    [{ toString: 2 }, /names the class "toString"/],
  ])("%o are refused", (given, message) => {
    expect(() => byLogit(given as ClassWeights)).toThrow(message);
  });
});

const epochLoss = async (more: FitOptions) =>
  (await fit(twoLayers(), data, { ...quiet, learningRate: 0, batchSize: 42, ...more })).history.at(-1)!;

test("a run without weights and one of equal weights have the same loss, others have not", async () => {
  const { loss } = await epochLoss({});
  expect((await epochLoss({ classWeights: [2, 2, 2] })).loss).toBeCloseTo(loss, 5);
  expect((await epochLoss({ classWeights: { light: 3 } })).loss).not.toBeCloseTo(loss, 2);
  expect((await epochLoss({ labelSmoothing: 0.2 })).loss).not.toBeCloseTo(loss, 2);
});

test("steps in parts and on cached features have the same losses", async () => {
  const more: FitOptions = {
    classWeights: "balanced",
    labelSmoothing: 0.1,
    trainable: ["fc.*"],
    epochs: 2,
    cache: false,
  };
  const losses = async (changes: FitOptions) =>
    (await fit(smallNet(), data, { ...quiet, ...more, ...changes })).history.map(({ loss }) => loss);
  const whole = await losses({});
  expect(await losses({ cache: true })).toBeAllClose(whole, { atol: 1e-5, rtol: 1e-5 });
  expect(await losses({ memory: 0.01 })).toBeAllClose(whole, { atol: 1e-5, rtol: 1e-5 });
});

test.each([
  [{ classWeights: [1, 0, 1] }, /classWeights/],
  [{ classWeights: "even" as "balanced" }, /classWeights/],
  [{ labelSmoothing: 1 }, /labelSmoothing/],
  [
    { compat: "alignreg-1.0", labelSmoothing: 0.1 },
    /compat "alignreg-1.0" has plain cross-entropies. Leave labelSmoothing/,
  ],
  [{ compat: "alignreg-1.0", classWeights: "balanced" }, /Leave classWeights out/],
] as [FitOptions, RegExp][])("%o is refused", async (more, message) => {
  await expect(fit(smallNet(), data, { ...quiet, ...more })).rejects.toThrow(message);
});
