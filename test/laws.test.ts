/** Laws that hold for every regularizer: a new one is tested by being in the table. */
import { describe, expect, test } from "vitest";
import { type Regularizer, methods, regularizerByName, regularizers } from "../src/align/index.ts";
import { type Tensor, float32, random } from "../src/tensor/index.ts";
import { planOf, readNet, runStep } from "./objective-case.ts";
import { runGraph, runWithGradients } from "./run-graph.ts";

const N = 5;
const K = 4;

const normal = (seed: number, shape: readonly number[]): Tensor => {
  const rng = random(seed, "laws");
  return float32(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()),
  );
};

const values = (t: Tensor) => t.data as Float32Array;

/** The mean over the batch, and its gradients. */
const meanOf = (regularizer: Regularizer, z: Tensor, zView: Tensor) =>
  runWithGradients({ z, zView }, (g, inputs) =>
    g.mean(regularizer.distance(g, inputs.z, inputs.zView, []), [0]),
  );

const perSample = async (regularizer: Regularizer, z: Tensor, zView: Tensor) =>
  (await runGraph({ z, zView }, (g, inputs) => ({ d: regularizer.distance(g, inputs.z, inputs.zView, []) })))
    .d;

describe.each(Object.keys(regularizers))("regularizer %s", (name) => {
  const regularizer = regularizerByName(name);
  const z = normal(1, [N, K]);
  const zView = normal(2, [N, K]);

  test("is one value above 0 per sample, and 0 for identical views", async () => {
    const apart = await perSample(regularizer, z, zView);
    expect(apart.shape).toEqual([N]);
    expect(Math.min(...values(apart))).toBeGreaterThan(0);
    expect(values(await perSample(regularizer, z, z))).toBeAllClose(new Float32Array(N), { atol: 1e-6 });
  });

  test("does not depend on the order of the batch", async () => {
    const order = [3, 0, 4, 1, 2];
    const reordered = ({ shape, data }: Tensor) =>
      float32(
        shape,
        order.flatMap((i) => Array.from((data as Float32Array).subarray(i * K, (i + 1) * K))),
      );
    const before = values(await perSample(regularizer, z, zView));
    const after = values(await perSample(regularizer, reordered(z), reordered(zView)));
    expect(after).toBeAllClose(
      order.map((i) => before[i]),
      { rtol: 1e-6 },
    );
  });

  test("has the gradient that central differences show", async () => {
    const result = await meanOf(regularizer, z, zView);
    // float32: a step near the cube root of its precision balances truncation against rounding
    const step = 5e-3;
    const shifted = (t: Tensor, at: number, by: number) =>
      float32(
        t.shape,
        values(t).map((v, i) => (i === at ? v + by : v)),
      );
    for (const name of ["z", "zView"] as const) {
      for (const at of [0, 6, 19]) {
        const [above, below] = await Promise.all(
          [step, -step].map(async (by) => {
            const moved = { z, zView, [name]: shifted({ z, zView }[name], at, by) };
            return values((await meanOf(regularizer, moved.z, moved.zView)).value)[0];
          }),
        );
        expect([values(result[`grad:${name}`])[at]]).toBeAllClose([(above - below) / (2 * step)], {
          rtol: 2e-2,
          atol: 1e-3,
        });
      }
    }
  });

  test("has gradient 0 where the views are equal, and a finite one at zero vectors", async () => {
    const equal = await meanOf(regularizer, z, z);
    for (const name of ["z", "zView"]) {
      expect(values(equal[`grad:${name}`])).toBeAllClose(new Float32Array(N * K), { atol: 1e-6 });
    }
    const zero = float32([N, K]);
    for (const [a, b] of [
      [zero, zero],
      [zero, zView],
      [z, zero],
    ]) {
      const result = await meanOf(regularizer, a, b);
      for (const t of Object.values(result)) expect(values(t).every(Number.isFinite)).toBe(true);
    }
  });

  // It is easy to add a regularizer's number to the loss rather than its graph; training then ignores it.
  test("reaches the weights: adding it to the loss changes their gradient", async () => {
    const { classifier, stored } = readNet("objective/worst-case-mlp");
    const feed = { images: stored("input:views"), labels: stored("labels") };
    const gradientOf = async (alignmentWeight: number, method = methods.rwa) => {
      const plan = planOf(classifier, { objective: { regularizer, method } });
      const { parameters } = await runStep(plan, { ...feed, alignmentWeight });
      return Float64Array.from([...parameters.values()].flatMap((t) => [...values(t)]));
    };
    const [without, unweighted, weighted, doubled] = await Promise.all([
      gradientOf(0, methods.vwa),
      gradientOf(0),
      gradientOf(0.5),
      gradientOf(1),
    ]);
    expect(unweighted).toBeAllClose(without, { rtol: 1e-5, atol: 1e-7 });
    const norm = (a: Float64Array, b: Float64Array) => Math.hypot(...a.map((v, i) => v - b[i]));
    expect(norm(weighted, unweighted)).toBeGreaterThan(1e-3 * Math.hypot(...unweighted));
    // The term's share of the gradient is proportional to its weight.
    expect(norm(doubled, unweighted) / norm(weighted, unweighted)).toBeCloseTo(2, 3);
  });
});
