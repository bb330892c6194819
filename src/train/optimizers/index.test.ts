import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { GraphBuilder } from "../../onnx/index.ts";
import { createSession } from "../../runtime/index.ts";
import { type Tensor, UsageError, float32 } from "../../tensor/index.ts";
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

test("the fixture has cases of every optimizer", () => {
  expect([...new Set(fixture.cases.map((c) => c.kind))].sort()).toEqual(Object.keys(optimizers).sort());
});

describe.each(fixture.cases)("five steps of $name agree with torch.optim", (c) => {
  test.each(Object.keys(fixture.start))("for parameter %s", async (parameterName) => {
    const optimizer = optimizerByName(c.kind, optionsOf(c));
    let parameter = read(fixture.start[parameterName]);
    const { shape } = parameter;
    let state = Array.from({ length: optimizer.stateCount }, () => float32(shape) as Tensor);

    const g = new GraphBuilder();
    const scalars = Object.keys(optimizer.scalars(1, 0.1));
    const updated = optimizer.update(g, {
      parameter: g.input("p", "float32", shape),
      gradient: g.input("g", "float32", shape),
      state: state.map((_, k) => g.input(`s${k}`, "float32", shape)),
      scalar: Object.fromEntries(scalars.map((name) => [name, g.input(name, "float32", [])])),
    });
    const outputs = Object.fromEntries(updated.state.map((value, k) => [`next${k}`, value]));
    const session = await createSession(g.build("update", { next: updated.parameter, ...outputs }));
    for (const [i, expected] of c.after.entries()) {
      const fed = Object.entries(optimizer.scalars(i + 1, c.learningRates[i]));
      const feeds: Record<string, Tensor> = {
        p: parameter,
        g: read(fixture.gradients[i][parameterName]),
        ...Object.fromEntries(state.map((value, k) => [`s${k}`, value])),
        ...Object.fromEntries(fed.map(([name, value]) => [name, float32([], [value])])),
      };
      const result = await session.run(
        Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name))),
      );
      parameter = result.next;
      state = state.map((_, k) => result[`next${k}`]);
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
    expect(() => optimizerByName("rmsprop")).toThrow("sgd, adam, adamw");
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
