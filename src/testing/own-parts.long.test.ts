/** All of our own parts are as what we ask of others'. */
import { expect, test } from "vitest";
import { losses, methods, regularizers } from "../align/index.ts";
import { gradientRules } from "../autodiff/index.ts";
import { type TransformFamily, families } from "../augment/index.ts";
import { float32, int64 } from "../tensor/index.ts";
import { optimizers } from "../train/index.ts";
import {
  type GradientCase,
  checkFamily,
  checkGradient,
  checkLoss,
  checkMethod,
  checkOptimizer,
  checkRegularizer,
} from "./index.ts";

test.each(Object.entries(regularizers))("regularizer %s", async (_, make) => {
  expect((await checkRegularizer(make())).faults).toEqual([]);
});

test.each(Object.entries(losses))("loss %s", async (_, make) => {
  expect((await checkLoss(make())).faults).toEqual([]);
});

test.each(Object.entries(methods))("method %s", async (_, method) => {
  expect((await checkMethod(method)).faults).toEqual([]);
});

test.each(Object.entries(optimizers))("optimizer %s", async (_, { create }) => {
  expect((await checkOptimizer(create({ weightDecay: 0.1 }))).faults).toEqual([]);
});

const colourOnly = ["hue", "saturation", "white-balance", "package-saturation-tensorflow"];

test.each(Object.entries<() => TransformFamily>(families))("family %s", async (name, make) => {
  const shapes = colourOnly.includes(name) ? ([[3, 9, 12]] as const) : undefined;
  expect((await checkFamily(make(), { shapes })).faults).toEqual([]);
});

const x = float32([3, 4], [-2, -1.1, -0.7, -0.3, 0.2, 0.6, 0.9, 1.3, 1.7, 2.2, -1.6, 0.4]);
const uses: Readonly<Record<string, readonly GradientCase[]>> = {
  Tanh: [{ inputs: [x] }],
  Softmax: [{ inputs: [x], attributes: { axis: 1 } }],
  LeakyRelu: [{ inputs: [x], attributes: { alpha: { float: 0.1 } } }],
  MatMul: [
    {
      inputs: [
        x,
        float32(
          [4, 2],
          [1, 2, 3, 4, 5, 6, 7, 8].map((v) => v / 10),
        ),
      ],
    },
  ],
  Gather: [{ inputs: [x, int64([2, 0, 2])], attributes: { axis: 0 } }],
};

test.each(Object.keys(uses))("gradient of %s", async (operator) => {
  const { rule } = gradientRules.get(operator)!;
  expect((await checkGradient({ operator, rule }, { cases: uses[operator] })).faults).toEqual([]);
});
