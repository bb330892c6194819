import { expect, test } from "vitest";
import { lower } from "../lower/index.ts";
import { GraphBuilder, UnsupportedOpError, type Value } from "../onnx/index.ts";
import { createSession } from "../runtime/index.ts";
import { type Tensor, float32, int64, numbersOf, tensor } from "../tensor/index.ts";
import { backward } from "./backward.ts";
import { gradientRules } from "./rules/index.ts";
import { semanticInference, stopGradient } from "./semantic-ops.ts";

/** The gradient of Σ y·weight by each input, for y built from inputs of these values; weight 1 unless given. */
async function gradientsOf(
  feeds: Readonly<Record<string, Tensor>>,
  build: (g: GraphBuilder, inputs: readonly Value[]) => Value,
  weight?: readonly number[],
): Promise<number[][]> {
  const g = new GraphBuilder({ extension: semanticInference });
  const inputs = Object.entries(feeds).map(([name, { dtype, shape }]) => g.input(name, dtype, shape));
  const y = build(g, inputs);
  const weighted = weight ? g.mul(y, g.constant(float32(y.shape, weight))) : y;
  const loss = g.sum(g.reshape(weighted, [-1]), [0]);
  const wanted = inputs.filter(({ dtype }) => dtype === "float32");
  const gradients = backward(g, loss, wanted);
  const names = gradients.map((_, i) => `gradient ${i}`);
  const graph = lower(g.build("test", Object.fromEntries(names.map((name, i) => [name, gradients[i]]))));
  const session = await createSession(graph, { threads: 1 });
  const results = await session.run(feeds);
  await session.release();
  return names.map((name) => numbersOf(results[name]));
}

test("paths add up: y = x·x + x", async () => {
  const [dx] = await gradientsOf({ x: float32([3], [1, -2, 5]) }, (g, [x]) => g.add(g.mul(x, x), x));
  expect(dx).toEqual([3, -3, 11]);
});

test("a value that the loss does not depend on has gradient 0", async () => {
  const [dx, dz] = await gradientsOf({ x: float32([2], [1, 2]), z: float32([3], [1, 2, 3]) }, (g, [x]) =>
    g.scale(x, 2),
  );
  expect(dx).toEqual([2, 2]);
  expect(dz).toEqual([0, 0, 0]);
});

test("stopGradient is the identity with no gradient", async () => {
  const [dx] = await gradientsOf({ x: float32([2], [3, 4]) }, (g, [x]) => g.mul(x, stopGradient(g, x)));
  expect(dx).toEqual([3, 4]);
});

test("a gradient flows around integers, not through them", async () => {
  const [dx] = await gradientsOf({ x: float32([1, 3], [1, 5, 2]) }, (g, [x]) => {
    const best = g.op1("ArgMax", [x], { axis: 1, keepdims: 1 });
    return g.op1("GatherElements", [x, best], { axis: 1 });
  });
  expect(dx).toEqual([0, 1, 0]);
});

test("the gradient of ReLU's gradient is 0, so a penalty on gradients can be differentiated", async () => {
  const [dx] = await gradientsOf({ x: float32([3], [-1, 0, 2]) }, (g, [x]) => {
    const [inner] = backward(g, g.sum(g.mul(g.op1("Relu", [x]), x), [0]), [x]);
    return inner;
  });
  // relu(x)·x = x² for x > 0
  expect(dx).toEqual([0, 0, 2]);
});

test("a gradient of a gradient stays finite where the first one masks an infinity", async () => {
  const [bent] = await gradientsOf({ x: float32([3], [-1, 0.5, 200]) }, (g, [x]) => {
    const [slope] = backward(g, g.sum(g.op1("Elu", [x]), [0]), [x]);
    return slope;
  });
  expect(bent).toBeAllClose([Math.exp(-1), 0, 0], { rtol: 1e-6 });
  const [turned] = await gradientsOf(
    { x: float32([2, 2], [3, 4, 0, 0]) },
    (g, [x]) => {
      const norms = g.op1("ReduceL2", [x, g.ints([1])], { keepdims: 0 });
      const [direction] = backward(g, g.sum(norms, [0]), [x]);
      return direction;
    },
    [1, 2, 1, 2],
  );
  // (w − n·⟨w, n⟩)/‖x‖ with the direction n = x/‖x‖; 0 for the zero vector
  expect(turned).toBeAllClose([-0.064, 0.048, 0, 0], { rtol: 1e-5, atol: 1e-7 });
});

/** Operators without a PyTorch fixture, with gradients worked out by hand. */
const worked: {
  name: string;
  feeds: Record<string, Tensor>;
  build: (g: GraphBuilder, inputs: readonly Value[]) => Value;
  weight?: number[];
  expected: number[][];
}[] = [
  {
    name: "GatherElements adds up what is picked twice, and counts negative indices from the end",
    feeds: { x: float32([2, 3], [1, 2, 3, 4, 5, 6]) },
    build: (g, [x]) => g.op1("GatherElements", [x, g.constant(int64([0, 0, -1, 1], [2, 2]))], { axis: 1 }),
    weight: [1, 10, 100, 1000],
    expected: [[11, 0, 0, 0, 1000, 100]],
  },
  {
    name: "GlobalMaxPool gives a tie to the first",
    feeds: { x: float32([1, 2, 2, 2], [1, 4, 4, 0, 3, 3, 3, 3]) },
    build: (g, [x]) => g.op1("GlobalMaxPool", [x]),
    weight: [5, 7],
    expected: [[0, 5, 0, 0, 7, 0, 0, 0]],
  },
  {
    name: "Clip's bounds get the gradient of what they cut off",
    feeds: { x: float32([4], [-2, -1, 0.5, 3]), low: float32([], [-1]), high: float32([], [1]) },
    build: (g, inputs) => g.op1("Clip", inputs),
    weight: [1, 10, 100, 1000],
    expected: [[0, 10, 100, 0], [1], [1000]],
  },
  {
    name: "Pow: the exponent has no gradient where the base is 0 or less",
    feeds: { x: float32([3], [0, -2, Math.E]), e: float32([3], [2, 2, 1]) },
    build: (g, [x, e]) => g.pow(x, e),
    expected: [
      [0, -4, 1],
      [0, 0, Math.E],
    ],
  },
  {
    name: "Pow: exponent 0 has slope 0, even at 0",
    feeds: { x: float32([2], [0, 3]), e: float32([1], [0]) },
    build: (g, [x, e]) => g.pow(x, e),
    expected: [[0, 0], [Math.log(3)]],
  },
];

test.each(worked)("$name", async ({ feeds, build, weight, expected }) => {
  const gradients = await gradientsOf(feeds, build, weight);
  gradients.forEach((gradient, i) => expect(gradient).toBeAllClose(expected[i], { rtol: 1e-6 }));
  expect(gradients.length).toBe(expected.length);
});

function errorOf(build: (g: GraphBuilder, x: Value) => Value): Error {
  const g = new GraphBuilder({ extension: semanticInference });
  const x = g.input("x", "float32", [2, 3]);
  const y = build(g, x);
  const loss = g.sum(g.reshape(y, [-1]), [0]);
  try {
    backward(g, loss, [x]);
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

/** x·xᵀ by an operator that has no rule, as it only ever stands in backward passes. */
const ruleless = (g: GraphBuilder, x: Value, name = ""): Value =>
  g.op1("FusedMatMul", [x, x], { transB: 1 }, { domain: "com.microsoft", name });

test("an operator without a rule is an error that names the node and what to do", () => {
  const error = errorOf((g, x) => ruleless(g, x, "product"));
  expect(error).toBeInstanceOf(UnsupportedOpError);
  expect(error).toMatchObject({ opType: "FusedMatMul", node: "product" });
  expect(error.message).toMatch(/FusedMatMul node "product"/);
  expect(error.message).toMatch(
    /Freeze the parameters before it, or give a rule \(gradients, defineGradient\)/,
  );
});

test("an operator without a rule is fine where no gradient has to pass", async () => {
  const [dx] = await gradientsOf(
    { x: float32([2, 2], [1, 2, 3, 4]), c: tensor("float64", [2, 1], Float64Array.of(2, 3)) },
    (g, [x, c]) => g.mul(x, ruleless(g, g.cast(c, "float32"))),
  );
  expect(dx).toEqual([4, 6, 6, 9]);
});

test("Dropout in training mode is an error that says what to do", () => {
  const dropout = errorOf((g, x) =>
    g.op1(
      "Dropout",
      [x, g.scalar(0.5), g.constant(tensor("bool", [], Uint8Array.of(1)))],
      {},
      { name: "drop" },
    ),
  );
  expect(dropout).toBeInstanceOf(UnsupportedOpError);
  expect(dropout.message).toMatch(/Dropout node "drop" draws its own random mask.*seeded mask/);
});

test("a kept ratio of 0 makes training-mode Dropout the identity", async () => {
  const [dx] = await gradientsOf({ x: float32([2], [1, 2]) }, (g, [x]) =>
    g.op1("Dropout", [x, g.scalar(0), g.constant(tensor("bool", [], Uint8Array.of(1)))]),
  );
  expect(dx).toEqual([1, 1]);
});

test("rows without a gradient return null for every input", () => {
  const g = new GraphBuilder({ extension: semanticInference });
  const x = g.input("x", "float32", [2]);
  const stops = [...gradientRules].filter(([, { inputs }]) => inputs === "none");
  expect(stops.length).toBeGreaterThan(10);
  for (const [, { rule }] of stops) {
    const node = { opType: "", name: "", inputs: [x, x], outputs: [x], attributes: {}, outputCount: 1 };
    expect(rule(g, node, [x])).toEqual([null, null]);
  }
});
