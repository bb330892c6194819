import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { GraphBuilder } from "../../onnx/index.ts";
import { createSession } from "../../runtime/index.ts";
import { type Tensor, UsageError, float32 } from "../../tensor/index.ts";
import type { Optimizer } from "../optimizer.ts";
import { type OptimizerOptions, optimizerByName, optimizers } from "./index.ts";

interface Stored {
  readonly shape: number[];
  readonly data: number[];
}

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly options: {
    readonly betas?: [number, number];
    readonly eps?: number;
    readonly weight_decay: number;
    readonly momentum?: number;
    readonly nesterov?: boolean;
  };
  readonly learningRates: number[];
  readonly after: Record<string, Stored>[];
}

const fixture = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/objective/optimizers.json", import.meta.url), "utf8"),
) as { start: Record<string, Stored>; gradients: Record<string, Stored>[]; cases: Case[] };

const read = ({ shape, data }: Stored): Tensor => float32(shape, data);

const optionsOf = ({ kind, options }: Case): OptimizerOptions => {
  const { betas, eps, weight_decay: weightDecay, momentum, nesterov } = options;
  return kind === "sgd"
    ? { momentum, nesterov, weightDecay }
    : { beta1: betas![0], beta2: betas![1], epsilon: eps, weightDecay };
};

/** The update alone, in a session. */
async function updateSession(optimizer: Optimizer, shape: readonly number[]) {
  const g = new GraphBuilder();
  const updated = optimizer.update(g, {
    parameter: g.input("p", "float32", shape),
    gradient: g.input("g", "float32", shape),
    state: Array.from({ length: optimizer.stateCount }, (_, k) => g.input(`s${k}`, "float32", shape)),
    scalar: Object.fromEntries(
      Object.keys(optimizer.scalars(1, 0.1)).map((name) => [name, g.input(name, "float32", [])]),
    ),
  });
  const outputs = Object.fromEntries(updated.state.map((value, k) => [`next${k}`, value]));
  const session = await createSession(g.build("update", { next: updated.parameter, ...outputs }));
  return {
    release: () => session.release(),
    async step(p: Tensor, gradient: Tensor, state: readonly Tensor[], fed: Record<string, number>) {
      const feeds: Record<string, Tensor> = {
        p,
        g: gradient,
        ...Object.fromEntries(state.map((value, k) => [`s${k}`, value])),
        ...Object.fromEntries(Object.entries(fed).map(([name, value]) => [name, float32([], [value])])),
      };
      const result = await session.run(
        Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name))),
      );
      return { parameter: result.next, state: state.map((_, k) => result[`next${k}`]) };
    },
  };
}

/** Those beyond SGD and Adam, each over 20 steps with one parameter. */
const more = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/objective/more-optimizers.json", import.meta.url), "utf8"),
) as {
  start: number[];
  gradients: number[][];
  learningRates: number[];
  cases: { name: string; options: OptimizerOptions; after: number[][] }[];
};

test("the fixtures have cases of every optimizer", () => {
  const names = [...fixture.cases.map((c) => c.kind), ...more.cases.map((c) => c.name)];
  expect(
    [...new Set(names)].sort(),
    "cases of torch.optim are written in tools/fixtures/optimizers.py",
  ).toEqual(Object.keys(optimizers).sort());
});

test.each(more.cases)("20 steps of $name $options agree with torch.optim, or Lion's authors", async (c) => {
  const optimizer = optimizerByName(c.name, c.options);
  const shape = [more.start.length];
  const session = await updateSession(optimizer, shape);
  let parameter: Tensor = float32(shape, more.start);
  let state = Array.from({ length: optimizer.stateCount }, () => float32(shape) as Tensor);
  for (const [i, expected] of c.after.entries()) {
    const fed = optimizer.scalars(i + 1, more.learningRates[i]);
    ({ parameter, state } = await session.step(parameter, float32(shape, more.gradients[i]), state, fed));
    // float32 against float64; a gradient of 1e-4 loses some digits in roots of its square
    const values = parameter.data as Float32Array;
    expect(values, `step ${i + 1}`).toBeAllClose(expected, { rtol: 2e-5, atol: 2e-6 });
  }
  await session.release();
});

describe.each(fixture.cases)("five steps of $name agree with torch.optim", (c) => {
  test.each(Object.keys(fixture.start))("for parameter %s", async (parameterName) => {
    const optimizer = optimizerByName(c.kind, optionsOf(c));
    let parameter = read(fixture.start[parameterName]);
    let state = Array.from({ length: optimizer.stateCount }, () => float32(parameter.shape) as Tensor);
    const session = await updateSession(optimizer, parameter.shape);
    for (const [i, expected] of c.after.entries()) {
      const gradient = read(fixture.gradients[i][parameterName]);
      const fed = optimizer.scalars(i + 1, c.learningRates[i]);
      ({ parameter, state } = await session.step(parameter, gradient, state, fed));
      // float32 against PyTorch in float64: a few roundings a step
      expect(parameter.data as Float32Array, `step ${i + 1}`).toBeAllClose(expected[parameterName].data, {
        rtol: 1e-5,
        atol: 1e-6,
      });
    }
    await session.release();
  });
});

describe("optimizerByName", () => {
  test("tells the choices", () => {
    expect(() => optimizerByName("rprop")).toThrow("sgd, adam, adamw");
    expect(() => optimizerByName("toString")).toThrow(UsageError);
  });

  test.each([
    ["adam", { momentum: 0.9 }, /takes no "momentum".*beta1, beta2, epsilon, weightDecay/],
    ["sgd", { beta1: 0.9 }, /takes no "beta1"/],
    ["sgd", { nesterov: true }, /momentum above 0/],
    ["sgd", { momentum: -1 }, /momentum must be a number of at least 0, not -1/],
    ["adam", { beta1: 1 }, /beta1 must be a number of at least 0 and below 1, not 1/],
    ["adamw", { weightDecay: NaN }, /weightDecay .* not NaN/],
  ] satisfies [string, OptimizerOptions, RegExp][])("%s refuses %o", (name, options, message) => {
    expect(() => optimizerByName(name, options)).toThrow(UsageError);
    expect(() => optimizerByName(name, options)).toThrow(message);
  });

  test("an option that is undefined counts as not given", () => {
    const scalars = (options: OptimizerOptions) => optimizerByName("adamw", options).scalars(1, 1);
    expect(scalars({ weightDecay: undefined, momentum: undefined })).toEqual(scalars({ weightDecay: 0.01 }));
  });
});
