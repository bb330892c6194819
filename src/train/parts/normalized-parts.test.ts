/** Where BatchNormalization trains, a step in two parts is the mean of the steps of its halves, of each image with its views. */
import { expect, test } from "vitest";
import { gradientItself, planOf } from "../../../test/objective-case.ts";
import { type Objective, methods } from "../../align/index.ts";
import { mobileNet } from "../../models/index.ts";
import { random, sizeOf } from "../../tensor/index.ts";
import { planMemory } from "../memory/plan-memory.ts";
import { RunState } from "../run-state.ts";
import { type StepInputs, StepRunner } from "../step-runner.ts";
import { PartsRunner } from "./parts-runner.ts";
import { evenParts } from "./row-parts.ts";

const BATCH = 6;
const shape = [3, 16, 16] as const;
const net = mobileNet({ shape, width: 8, classes: 3 });

const cases: Readonly<Record<string, { objective: Partial<Objective>; views: number; rows: number }>> = {
  base: { objective: { method: methods.base }, views: 1, rows: 3 },
  va: { objective: { method: methods.va }, views: 2, rows: 6 },
  rwa: { objective: {}, views: 5, rows: 6 },
  "rwa of two views": { objective: { alignSelectBy: "distance" }, views: 5, rows: 10 },
};

test.each(Object.entries(cases))("%s", async (_, { objective, views, rows }) => {
  const plan = {
    ...planOf(net, { objective, imageShape: shape }),
    viewsPerSample: views,
    optimizer: gradientItself,
  };
  const rng = random(0, "parts");
  const size = sizeOf(shape);
  const inputs: StepInputs = {
    images: Float32Array.from({ length: BATCH * views * size }, () => rng.uniform()),
    labels: BigInt64Array.from({ length: BATCH }, (_, i) => BigInt(i % 3)),
    alignmentWeight: 0.5,
    scalars: {},
    seed: 3,
    step: 0,
  };
  const half = BATCH / 2;
  const halves = [0, half].map((start): StepInputs => {
    const images = new Float32Array(half * views * size);
    for (let view = 0; view < views; view++) {
      const first = (view * BATCH + start) * size;
      images.set(inputs.images.subarray(first, first + half * size), view * half * size);
    }
    return { ...inputs, images, labels: inputs.labels.slice(start, start + half) };
  });
  const whole = new StepRunner(plan, { threads: 1 });
  const parts = new PartsRunner(plan, { selection: 7, gradient: rows }, { threads: 1 });
  try {
    const states = [];
    const losses = [];
    for (const part of halves) {
      const state = RunState.initial(plan);
      losses.push((await whole.run(state, part)).loss!);
      states.push(state);
    }
    const state = RunState.initial(plan);
    const { loss } = await parts.run(state, inputs);
    expect([loss!]).toBeAllClose([(losses[0] + losses[1]) / 2], { rtol: 1e-5 });
    for (const [name, { data }] of state.tensors) {
      const [a, b] = states.map(({ tensors }) => tensors.get(name)!.data as Float32Array);
      const mean = a.map((value, i) => (value + b[i]) / 2);
      expect(data as Float32Array, name).toBeAllClose(mean, { rtol: 1e-3, atol: 1e-5 });
    }
  } finally {
    await whole.release();
    await parts.release();
  }
});

test("a part of all rows is the whole step, running statistics included", async () => {
  const plan = planOf(net, { objective: { method: methods.base }, imageShape: shape, viewsPerSample: 1 });
  const rng = random(1, "parts");
  const inputs: StepInputs = {
    images: Float32Array.from({ length: BATCH * sizeOf(shape) }, () => rng.uniform()),
    labels: BigInt64Array.from({ length: BATCH }, (_, i) => BigInt(i % 3)),
    alignmentWeight: 0,
    scalars: {},
    seed: 3,
    step: 0,
  };
  const [one, other] = [RunState.initial(plan), RunState.initial(plan)];
  const whole = new StepRunner(plan, { threads: 1 });
  const parts = new PartsRunner(plan, { selection: BATCH, gradient: BATCH }, { threads: 1 });
  try {
    await whole.run(one, inputs);
    await parts.run(other, inputs);
    for (const [name, { data }] of one.tensors) {
      const found = other.tensors.get(name)!.data as Float32Array;
      expect(found, name).toBeAllClose(data as Float32Array, { rtol: 1e-4, atol: 1e-6 });
    }
  } finally {
    await whole.release();
    await parts.release();
  }
});

test("even parts hold each image beside its views, and differ by one image", () => {
  const parts = evenParts(14, 2, 7);
  expect(parts.map(({ places }) => places)).toEqual([
    [0, 1, 7, 8],
    [2, 3, 9, 10],
    [4, 5, 6, 11, 12, 13],
  ]);
});

test("the planner splits only where it may, and says by how many images parts are normalised", () => {
  const plan = planOf(net, { imageShape: shape });
  const limit = 0.5 * planMemory(plan, 64, Infinity).bytes;
  expect(planMemory(plan, 64, limit)).toMatchObject({ form: { parts: null }, normalizedBy: null });
  const { form, normalizedBy, refusal } = planMemory(plan, 64, limit, true);
  expect(refusal).toBeNull();
  expect(form.parts!.gradient).toBeLessThan(128);
  expect(normalizedBy).toBeLessThanOrEqual(form.parts!.gradient);
  const preset = planOf(net, { imageShape: shape, objective: { terms: "alignreg-1.0", selection: "batch" } });
  expect(planMemory(preset, 64, 1, true).refusal).toMatch(/compat/);
});
