import { describe, expect, test } from "vitest";
import { planOf } from "../../../test/objective-case.ts";
import { lenet, mobileNet } from "../../models/index.ts";
import { float32 } from "../../tensor/index.ts";
import { GraphBuilder } from "../../onnx/index.ts";
import { peakBytes } from "./peak-bytes.ts";
import { planMemory } from "./plan-memory.ts";
import { runOrder } from "./run-order.ts";

const MB = 2 ** 20;

test("values count from where they are made to where they are last read", () => {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [1024, 256]);
  // Each is 1 MB. Two are alive where a product is made; a chain of sums takes the place of its first operand.
  const a = g.op1("MatMul", [x, g.constant(float32([256, 256]))]);
  const b = g.op1("MatMul", [a, g.constant(float32([256, 256]))]);
  const c = g.op1("Relu", [b]);
  const d = g.op1("MatMul", [c, g.constant(float32([256, 256]))]);
  const y = g.op1("ReduceSum", [d], { keepdims: 0 });
  expect(peakBytes(g.build("chain", { y })) / MB).toBeCloseTo(1.5 * 2, 2);
});

test("what is read late stays", () => {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [1024, 256]);
  const w = g.constant(float32([256, 256]));
  const a = g.op1("MatMul", [x, w]);
  const b = g.op1("MatMul", [a, w]);
  const c = g.op1("MatMul", [b, w]);
  const sum = g.add(c, a);
  const y = g.op1("ReduceSum", [sum], { keepdims: 0 });
  expect(peakBytes(g.build("skip", { y })) / MB).toBeCloseTo(1.5 * 3, 2);
});

test("nodes run depth first from the ends, the latest inputs first", () => {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [4]);
  const [a, b] = [g.op1("Relu", [x]), g.op1("Neg", [x])];
  const c = g.op1("Abs", [a]);
  g.add(c, b);
  expect(runOrder(g.nodes)).toEqual([0, 2, 1, 3]);
});

describe("a step's form follows from what it may take", () => {
  const plan = planOf(lenet(), { imageShape: [1, 28, 28] });
  const whole = planMemory(plan, 64, 4096 * MB);

  test("it is whole where there is room", () => {
    expect(whole.form).toEqual({ reusesSelection: true, parts: null });
    expect(whole.bytes).toBe(whole.wholeBytes);
  });

  test("then it keeps nothing of the choice, and then it goes in parts", () => {
    const second = planMemory(plan, 64, 0.95 * whole.bytes);
    expect(second.form).toEqual({ reusesSelection: false, parts: null });
    const third = planMemory(plan, 64, 0.4 * whole.bytes);
    expect(third.form.parts!.gradient).toBeLessThan(128);
    expect(third.bytes).toBeLessThanOrEqual(0.4 * whole.bytes);
    expect(third.wholeBytes).toBe(whole.bytes);
  });

  test("parts are never less than an image", () => {
    expect(planMemory(plan, 64, 1).form.parts).toEqual({ selection: 1, gradient: 1 });
  });

  test("a net whose BatchNormalization trains says why it is not split", () => {
    const { form, refusal } = planMemory(planOf(mobileNet(), { imageShape: [3, 32, 32] }), 8, MB);
    expect(form.parts).toBeNull();
    expect(refusal).toMatch(/BatchNormalization trains/);
  });
});
