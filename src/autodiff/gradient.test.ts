import { expect, test } from "vitest";
import { lower } from "../lower/index.ts";
import {
  type Graph,
  GraphBuilder,
  ModelError,
  UnsupportedOpError,
  readModel,
  writeModel,
  modelOf,
} from "../onnx/index.ts";
import { createSession } from "../runtime/index.ts";
import { float32, numbersOf } from "../tensor/index.ts";
import { gradient } from "./gradient.ts";

/** loss = mean (x·w)², with a symbolic batch. */
function squaredOutput(): Graph {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [2, 2]);
  const w = g.initializer("w", float32([2, 1], [1, -1]));
  const product = g.matMul(x, w);
  const loss = g.mean(g.mul(product, product), [0, 1]);
  const graph = g.build("squares", { loss, product });
  return { ...graph, inputs: [{ name: "x", dtype: "float32", shape: ["batch", 2] }] };
}

test("the gradient graph has the loss and a gradient per parameter, and runs", async () => {
  const graph = gradient(squaredOutput(), "loss", ["w", "x"], { inputShapes: { x: [2, 2] } });
  expect(graph.outputs.map(({ name, shape }) => [name, shape])).toEqual([
    ["loss", []],
    ["grad:w", [2, 1]],
    ["grad:x", [2, 2]],
  ]);
  const session = await createSession(lower(graph), { threads: 1 });
  const results = await session.run({ x: float32([2, 2], [1, 2, 3, 1]) });
  await session.release();
  // x·w = [−1, 2]; d loss = (x·w)
  expect(numbersOf(results.loss)).toEqual([2.5]);
  expect(numbersOf(results["grad:w"])).toEqual([5, 0]);
  expect(numbersOf(results["grad:x"])).toEqual([-1, 1, 2, -2]);
});

test("a gradient graph can be written and read", () => {
  const graph = gradient(squaredOutput(), "loss", ["w"], { inputShapes: { x: [2, 2] } });
  expect(readModel(writeModel(modelOf(graph))).graph).toEqual(graph);
});

test.each([
  [
    "a symbolic input",
    () => gradient(squaredOutput(), "loss", ["w"]),
    /Input "x" has \[batch,2\].*inputShapes/,
  ],
  [
    "an unknown loss",
    () => gradient(squaredOutput(), "cost", ["w"], { inputShapes: { x: [2, 2] } }),
    /no value named "cost"/,
  ],
  [
    "an unknown parameter",
    () => gradient(squaredOutput(), "loss", ["v"], { inputShapes: { x: [2, 2] } }),
    /no value named "v"/,
  ],
  [
    "a loss that is no scalar",
    () => gradient(squaredOutput(), "product", ["w"], { inputShapes: { x: [2, 2] } }),
    /"product" has shape \[2,1\]; only a scalar/,
  ],
])("%s is a ModelError", (_, make, message) => {
  expect(make).toThrow(ModelError);
  expect(make).toThrow(message);
});

test("an operator without a rule between loss and parameter is named", () => {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [2, 2]);
  const w = g.initializer("w", float32([2, 2], [1, 2, 3, 4]));
  const gram = g.op1("FusedMatMul", [w, w], { transB: 1 }, { domain: "com.microsoft", name: "head/product" });
  const loss = g.sum(g.matMul(x, gram), [0, 1]);
  const graph = g.build("product", { loss });
  const make = () => gradient(graph, "loss", ["w"]);
  expect(make).toThrow(UnsupportedOpError);
  expect(make).toThrow(/FusedMatMul node "head\/product".*between the loss and a trained parameter/);
});
