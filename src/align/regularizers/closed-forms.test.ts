import { describe, expect, test } from "vitest";
import { pairNames, pairsByName } from "../../../test/regularizer-case.ts";
import { type StoredMatrix, regularizerFixtures } from "../../../test/regularizer-fixture.ts";
import { runGraph, runWithGradients } from "../../../test/run-graph.ts";
import { type Tensor, float32, random } from "../../tensor/index.ts";

const read = ({ shape, data }: StoredMatrix): Tensor => float32(shape, data);
const values = (t: Tensor) => t.data as Float32Array;
const largest = (numbers: readonly number[]) => Math.max(...numbers.map(Math.abs));

/** Value of each sample, and the gradient of their mean by both sides. */
async function run(name: string, z: Tensor, zView: Tensor) {
  const regularizer = pairsByName(name);
  const feeds = { z, zView };
  const { d } = await runGraph(feeds, (g, i) => ({ d: regularizer.distance(g, i.z, i.zView, []) }));
  const gradients = await runWithGradients(feeds, (g, i) =>
    g.mean(regularizer.distance(g, i.z, i.zView, []), [0]),
  );
  return { perSample: d, gradLogits: gradients["grad:z"], gradViewLogits: gradients["grad:zView"] };
}

describe.each(regularizerFixtures)("$name", ({ logits, viewLogits, regularizers }) => {
  test.each(Object.keys(regularizers))("%s: values and both gradients as in PyTorch", async (name) => {
    const found = await run(name, read(logits), read(viewLogits));
    for (const part of ["perSample", "gradLogits", "gradViewLogits"] as const) {
      const { shape, data } = regularizers[name][part];
      expect(found[part].shape).toEqual(shape);
      // float32: a few units of the last digit of the largest number, or of the probabilities that went into it
      const ofProbabilities = part === "perSample" ? 2e-7 : 5e-8;
      expect(values(found[part]), part).toBeAllClose(data, { atol: 1e-6 * largest(data) + ofProbabilities });
    }
  });
});

test("PyTorch's numbers are there for every closed form of pairs", () => {
  // squaredL2 has a file of its own: squared-l2.test.ts.
  const closed = pairNames.filter((name) => name !== "squaredL2" && pairsByName(name).critic === null);
  expect(
    closed.filter((name) => !regularizerFixtures.every(({ regularizers }) => name in regularizers)),
    "write them in REGULARIZERS of tools/fixtures/regularizers.py, and run it",
  ).toEqual([]);
});

const rows = (...lists: number[][]): Tensor => float32([lists.length, lists[0].length], lists.flat());
const mean = (t: Tensor) => values(t).reduce((a, b) => a + b, 0) / t.shape[0];

test.each(["kl", "js"])("%s is finite for logits in the thousands, gradient included", async (name) => {
  const found = await run(name, rows([1e4, -1e4, 0], [-3e3, 0, 3e3]), rows([-1e4, 1e4, 0], [-3e3, 0, 3e3]));
  for (const t of Object.values(found)) expect(values(t).every(Number.isFinite)).toBe(true);
  expect(values(found.perSample)).toBeAllClose([name === "kl" ? 2e4 : Math.LN2, 0], { rtol: 1e-6 });
});

test("js is symmetric; kl takes the clean prediction as the reference", async () => {
  // p = (½, ½), p′ = (¼, ¾): KL(p ‖ p′) = ½ log(4/3)
  const [z, zView] = [rows([0, 0]), rows([0, Math.log(3)])];
  expect(values((await run("kl", z, zView)).perSample)).toBeAllClose([0.5 * Math.log(4 / 3)], { rtol: 1e-5 });
  const [forth, back] = [await run("js", z, zView), await run("js", zView, z)];
  expect(values(forth.perSample)).toBeAllClose(values(back.perSample), { rtol: 1e-5 });
});

test("cosine is exactly 0 for equal views, never negative for parallel ones, 2 for opposite ones", async () => {
  const rng = random(7, "cosine");
  const numbers = Array.from({ length: 200 * 10 }, () => rng.normal());
  const z = float32([200, 10], numbers);
  const times = (factor: number) =>
    float32(
      [200, 10],
      numbers.map((v) => factor * v),
    );
  const distances = async (zView: Tensor) => values((await run("cosine", z, zView)).perSample);
  expect(largest([...(await distances(z))])).toBe(0);
  const parallel = await distances(times(1 / 3));
  expect(Math.min(...parallel)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...parallel)).toBeLessThan(1e-12);
  expect(await distances(times(-3))).toBeAllClose(new Float32Array(200).fill(2), { rtol: 1e-6 });
});

test("l2 has a gradient of length 1 however close the views are", async () => {
  const { gradLogits } = await run("l2", rows([3e-9, -4e-9]), rows([0, 0]));
  expect(values(gradLogits)).toBeAllClose([0.6, -0.8], { rtol: 1e-6 });
});

test("mmd compares sets: which view belongs to which image plays no part, nor does the scale", async () => {
  const z = rows([1, 0], [0, 2], [-1, 1]);
  const value = async (a: Tensor, b: Tensor) => mean((await run("mmd", a, b)).perSample);
  expect(await value(z, rows([-1, 1], [1, 0], [0, 2]))).toBeCloseTo(0, 6);
  const apart = await value(z, rows([3, 0], [1, 2], [0, 0]));
  expect(await value(z, rows([0, 0], [3, 0], [1, 2]))).toBeCloseTo(apart, 6);
  const tenfold = await value(rows([10, 0], [0, 20], [-10, 10]), rows([30, 0], [10, 20], [0, 0]));
  expect(tenfold).toBeCloseTo(apart, 6);
});
