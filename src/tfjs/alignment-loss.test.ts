import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { meanWithGradients, pairsByName } from "../../test/regularizer-case.ts";
import { regularizerFixtures } from "../../test/regularizer-fixture.ts";
import { useCpuBackend, valuesOf } from "../../test/tfjs-model.ts";
import { UsageError, float32, random } from "../tensor/index.ts";
import { type AlignmentLossOptions, alignmentLoss } from "./alignment-loss.ts";

beforeAll(useCpuBackend);

const names = ["l1", "squaredL2", "l2", "cosine", "kl", "js", "mmd"] as const;

const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));

async function run(z: tf.Tensor2D, zView: tf.Tensor2D, options: AlignmentLossOptions) {
  const loss = (a: tf.Tensor, b: tf.Tensor) => alignmentLoss(a as tf.Tensor2D, b as tf.Tensor2D, options);
  const { value, grads } = tf.valueAndGrads(loss)([z, zView]);
  return { value: (await valuesOf(value))[0], gradients: await Promise.all(grads.map(valuesOf)) };
}

describe.each(regularizerFixtures)("$name", ({ logits, viewLogits, regularizers }) => {
  test.each(names.filter((name) => name in regularizers))(
    "%s: value and both gradients as in PyTorch",
    async (regularizer) => {
      const { perSample, gradLogits, gradViewLogits } = regularizers[regularizer];
      const tensors = [logits, viewLogits].map(({ shape, data }) => tf.tensor2d(data, shape));
      const { value, gradients } = await run(tensors[0], tensors[1], { regularizer });
      const mean = perSample.data.reduce((a, b) => a + b, 0) / perSample.data.length;
      // float32: a few units of the last digit of the largest number, or of the probabilities that went into it
      expect(Math.abs(value - mean)).toBeLessThan(1e-6 * largest(perSample.data) + 2e-7);
      [gradLogits, gradViewLogits].forEach(({ data }, side) => {
        expect(gradients[side], `side ${side}`).toBeAllClose(data, { atol: 1e-6 * largest(data) + 5e-8 });
      });
    },
  );
});

test.each(names)("%s: as the graph that fit trains with", async (regularizer) => {
  const rng = random(11, regularizer);
  const numbers = () => Float32Array.from({ length: 6 * 5 }, () => 2 * rng.normal());
  const [z, zView] = [numbers(), numbers()];
  const graph = await meanWithGradients(pairsByName(regularizer), float32([6, 5], z), float32([6, 5], zView));
  const { value, gradients } = await run(tf.tensor2d(z, [6, 5]), tf.tensor2d(zView, [6, 5]), { regularizer });
  expect([value]).toBeAllClose(graph.value.data as Float32Array, { rtol: 2e-6, atol: 2e-7 });
  (["grad:z", "grad:zView"] as const).forEach((name, side) => {
    const wanted = graph[name].data as Float32Array;
    expect(gradients[side], name).toBeAllClose(wanted, { atol: 2e-6 * largest(wanted) });
  });
});

test.each(names)("%s: 0 with a gradient of 0 for equal views, zero vectors too", async (regularizer) => {
  const z = tf.tensor2d([0, 0, 0, 1, -2, 3], [2, 3]);
  const { value, gradients } = await run(z, z.clone(), { regularizer });
  expect(Math.abs(value)).toBeLessThan(1e-6);
  for (const gradient of gradients) expect(gradient).toBeAllClose(new Float32Array(6), { atol: 1e-6 });
});

test("squaredL2 is the default; stopGradient moves the views only", async () => {
  const z = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  const zView = tf.tensor2d([0, 2, 5, 4], [2, 2]);
  const { value, gradients } = await run(z, zView, { stopGradient: "clean" });
  expect(value).toBe(2.5);
  expect(gradients[0]).toBeAllClose([0, 0, 0, 0], {});
  expect(gradients[1]).toBeAllClose([-1, 0, 2, 0], {});
});

test("a wrong name or shape is refused", () => {
  const z = tf.zeros<tf.Rank.R2>([2, 3]);
  const call = (options: unknown) => () => alignmentLoss(z, z, options as AlignmentLossOptions);
  expect(call({ regularizer: "wasserstein" })).toThrow(UsageError);
  expect(call({ regularizer: "wasserstein" })).toThrow(/l1, squaredL2, l2, cosine, kl, js, mmd.*need fit/);
  expect(call({ stopGradient: "both" })).toThrow(/none, clean/);
  expect(() => alignmentLoss(z, tf.zeros([3, 2]))).toThrow(/\[2,3\] and \[3,2\]/);
});
