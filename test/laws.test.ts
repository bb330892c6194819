/** Laws that hold for every regularizer: a new one is tested by being in the table. */
import { describe, expect, test } from "vitest";
import { methods } from "../src/align/index.ts";
import { type Tensor, float32, random } from "../src/tensor/index.ts";
import { planOf, readNet, runStep } from "./objective-case.ts";
import { meanWithGradients, pairNames, pairsByName, perSample, slopes } from "./regularizer-case.ts";

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
const meanOf = (t: Tensor) => values(t).reduce((a, b) => a + b, 0) / t.shape[0];

/** A zero that rounding may have touched. */
const zeros = (length: number) => [new Float32Array(length), { atol: 1e-6 }] as const;

describe.each(pairNames)("regularizer %s", (name) => {
  const regularizer = pairsByName(name);
  const z = normal(1, [N, K]);
  const zView = normal(2, [N, K]);

  // What a critic measures depends on its weights, and here it has learnt nothing.
  const isClosedForm = regularizer.critic === null;
  // The weights of a discriminator make it prefer one answer, which costs the same for equal views.
  const isZeroAtEqual = name !== "discriminator";

  test("is one finite value per sample", async () => {
    const apart = await perSample(regularizer, z, zView);
    expect(apart.shape).toEqual([N]);
    expect(values(apart).every(Number.isFinite)).toBe(true);
    expect(meanOf(apart)).not.toBe(0);
  });

  if (isClosedForm)
    test("has a mean that is never negative, and above 0 for views apart", async () => {
      for (const [distance, least] of [
        [1, 1e-2],
        [1e-1, 1e-4],
        [1e-4, -1e-6],
      ]) {
        for (const seed of [3, 4, 5]) {
          const noise = values(normal(seed, [N, K]));
          const near = float32(
            [N, K],
            values(z).map((v, i) => v + distance * noise[i]),
          );
          expect(meanOf(await perSample(regularizer, z, near))).toBeGreaterThan(least);
        }
      }
    });

  if (isZeroAtEqual)
    test("is 0 for identical views", async () => {
      for (const equal of [z, float32([N, K]), normal(6, [1, K])]) {
        const samples = equal.shape[0];
        expect(values(await perSample(regularizer, equal, equal))).toBeAllClose(...zeros(samples));
      }
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
      { rtol: 1e-5, atol: 1e-7 },
    );
  });

  // float32: a step near the cube root of its precision balances truncation against rounding. A critic is linear in
  // pieces, without truncation but with kinks: a short step seldom meets one.
  const step = isClosedForm ? 5e-3 : 2e-4;
  const isSlope = { rtol: 2e-2, atol: 1e-3 };

  test("has the gradient that central differences show", async () => {
    const result = await meanWithGradients(regularizer, z, zView);
    for (const of of ["z", "zView"] as const) {
      const entries = Array.from({ length: N * K }, (_, at) => ({ of, at }));
      const numeric = await slopes(regularizer, { z, zView }, entries, step);
      expect(values(result[`grad:${of}`])).toBeAllClose(numeric, isSlope);
    }
  });

  if (isClosedForm)
    test("has gradient 0 where the views are equal", async () => {
      for (const equal of [z, float32([N, K])]) {
        const result = await meanWithGradients(regularizer, equal, equal);
        for (const side of ["grad:z", "grad:zView"]) {
          expect(values(result[side])).toBeAllClose(...zeros(N * K));
        }
      }
    });

  test("has a finite gradient at zero vectors, and the right one on the side that is not zero", async () => {
    const zero = float32([N, K]);
    // Far enough from the kink of |v| at 0 that no step crosses it.
    const far = float32(
      [N, K],
      values(z).map((v) => v + Math.sign(v)),
    );
    const cases = [
      { z: zero, zView: zero, smooth: null },
      { z: zero, zView: far, smooth: "zView" },
      { z: far, zView: zero, smooth: "z" },
    ] as const;
    for (const { smooth, ...tensors } of cases) {
      const result = await meanWithGradients(regularizer, tensors.z, tensors.zView);
      for (const t of Object.values(result)) expect(values(t).every(Number.isFinite)).toBe(true);
      if (!smooth) continue;
      const entries = [0, 6, 19].map((at) => ({ of: smooth, at }));
      const gradient = values(result[`grad:${smooth}`]);
      expect(entries.map(({ at }) => gradient[at])).toBeAllClose(
        await slopes(regularizer, tensors, entries, step),
        isSlope,
      );
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
