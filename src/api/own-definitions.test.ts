/** Definitions of a user's own do what ours do, and a run says which it had. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { data, options, smallNet, weightsOf } from "../../test/small-run.ts";
import { defineMethod, defineRegularizer, methods } from "../align/index.ts";
import { defineOptimizer } from "../train/index.ts";
import { type FitOptions, exportStep, fit } from "./index.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "alignreg-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const squares = defineRegularizer({
  name: "squares",
  distance: (g, z, zView) => g.sum(g.op1("Pow", [g.sub(z, zView), g.scalar(2)]), [1]),
});
const sums = defineMethod({
  name: "sums",
  views: "worst-case",
  isRegularized: true,
  loss: (g, { cleanLosses, viewLosses, distances, alignmentWeight, mean }) =>
    g.add(mean(g.add(cleanLosses, viewLosses!)), g.mul(alignmentWeight, g.mean(distances!, [0]))),
});
const plain = defineOptimizer({
  name: "plain",
  update: (g, { parameter, gradient, scalar }) => ({
    parameter: g.sub(parameter, g.mul(gradient, scalar.learningRate)),
    state: [],
  }),
});

const run: FitOptions = {
  ...options,
  onNote: () => undefined,
  epochs: 2,
  optimizer: "sgd",
  learningRate: 0.05,
};

test.each<[string, FitOptions]>([
  ["a regularizer", { regularizer: squares }],
  ["a method", { method: sums }],
  ["an optimizer", { optimizer: plain }],
  ["all three", { regularizer: squares, method: sums, optimizer: plain }],
  ["plain objects", { regularizer: { ...squares }, method: { ...sums }, optimizer: { ...plain } }],
])("%s, written as ours is, trains the same weights", async (_, own) => {
  const [ours, theirs] = [await fit(smallNet(), data, run), await fit(smallNet(), data, { ...run, ...own })];
  const expected = weightsOf(ours.model);
  for (const [name, values] of Object.entries(weightsOf(theirs.model))) {
    expect(values as Float32Array, name).toBeAllClose(expected[name] as Float32Array, {
      rtol: 1e-4,
      atol: 1e-6,
    });
  }
});

test("a method's loss is what trains, and another one trains otherwise", async () => {
  const cleanOnly = defineMethod({
    name: "cleanOnly",
    views: "random",
    loss: (_g, { cleanLosses, mean }) => mean(cleanLosses),
  });
  const { history, manifest } = await fit(smallNet(), data, { ...run, method: cleanOnly });
  const { loss, cleanLoss, viewLoss } = history.at(-1)!;
  expect(loss).toBeCloseTo(cleanLoss!, 6);
  expect(viewLoss).toBeGreaterThan(0);
  expect(manifest.config.method).toMatchObject({ name: "cleanOnly", views: "random", isRegularized: false });
  const scalarless = defineMethod({
    name: "scalarless",
    views: "none",
    loss: (_g, { cleanLosses }) => cleanLosses,
  });
  await expect(fit(smallNet(), data, { ...run, method: scalarless })).rejects.toThrow(
    /loss of the method "scalarless" has shape \[\d+\]; a scalar is needed/,
  );
});

test("a run goes on with the definitions that it had, and with no others", async () => {
  const checkpoint = join(folder, "own.onnx");
  const saved: FitOptions = { ...run, regularizer: squares, checkpoint, resume: true };
  const { manifest } = await fit(smallNet(), data, saved);
  expect(manifest.config).toMatchObject({
    method: "rwa",
    regularizer: { name: "squares", kind: "pairs" },
    optimizer: "sgd",
  });
  const { history } = await fit(smallNet(), data, saved);
  expect(history.length).toBeGreaterThan(0);
  const changed = defineRegularizer({ ...squares, distance: (g, z, zView) => g.sum(g.sub(z, zView), [1]) });
  await expect(fit(smallNet(), data, { ...saved, regularizer: changed })).rejects.toThrow(
    /belongs to another run \(regularizer: .*"code":"\w{64}".* there, .*"code":"\w{64}".* now/,
  );
});

test("what is defined is frozen, has its defaults, and can be defined again", () => {
  expect(Object.isFrozen(squares)).toBe(true);
  expect(squares).toMatchObject({
    title: "squares",
    letter: null,
    kind: "pairs",
    compares: "vectors",
    critic: null,
  });
  expect(defineRegularizer(squares)).toEqual(squares);
  expect(defineMethod({ name: "x", views: "none", title: undefined })).toMatchObject({
    title: "x",
    isRegularized: false,
  });
  expect(defineMethod(methods.vwa)).toEqual(methods.vwa);
  expect(plain.scalars(3, 0.5)).toEqual({ learningRate: 0.5 });
  expect(exportStep(smallNet(), { regularizer: squares, optimizer: plain, batchSize: 2 }).next).toBeDefined();
});
