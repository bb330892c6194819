import * as native from "onnxruntime-node";
import * as web from "onnxruntime-web";
import { beforeAll, describe, expect, test } from "vitest";
import { runSteps } from "./browser/run-steps.ts";
import { stepCase, stepCaseNames } from "./browser/step-cases.ts";

beforeAll(() => {
  web.env.wasm.numThreads = 2;
});

describe.each(stepCaseNames)("%s", (name) => {
  test("WebAssembly takes the same ten steps as the native runtime", async () => {
    const { step, feeds } = stepCase(name);
    const here = await runSteps(native, step.model, feeds, {});
    const there = await runSteps(web, step.model, feeds, { executionProviders: ["wasm"] });
    expect(there.losses).toHaveLength(10);
    expect(there.losses).toBeAllClose(here.losses, { rtol: 1e-4 });
    // The steps do something: the loss of the batch that they are taken on falls.
    expect(here.losses[9]).toBeLessThan(0.99 * here.losses[0]);
  });

  test("a step for WebGPU is the same step", async () => {
    const plain = stepCase(name, { steps: 5 });
    const gpu = stepCase(name, { steps: 5, provider: "webgpu" });
    const here = await runSteps(native, plain.step.model, plain.feeds, {});
    const there = await runSteps(native, gpu.step.model, gpu.feeds, {});
    expect(there.losses).toBeAllClose(here.losses, { rtol: 1e-4 });
  });
});
