import { expect, test } from "vitest";
import { type Attributes, CURRENT_OPSET, type Graph, GraphBuilder } from "../src/onnx/index.ts";
import { createSession } from "../src/runtime/index.ts";
import { type Tensor, float32, int64, numbersOf, tensor } from "../src/tensor/index.ts";

const bools = (...values: number[]) => tensor("bool", [values.length], Uint8Array.from(values));
const matrix = int64([1, 2, 3, 4, 5, 6], [2, 3]);
const floats = float32([5], [-2.5, -0.5, 0.5, 1.5, 7.25]);

/** Operators, their constant inputs and attributes; the number of outputs where it is not 1. */
const cases: [opType: string, inputs: Tensor[], attributes?: Attributes, outputs?: number][] = [
  ["Add", [matrix, int64([10, 20, 30])]],
  ["Sub", [matrix, int64([[10], [20]].flat(), [2, 1])]],
  ["Mul", [floats, float32([], [3])]],
  ["Div", [int64([7, -7, 8]), int64([2, 2, -3])]],
  ["Div", [floats, float32([], [3])]],
  ["Mod", [int64([7, -7, 7, -7]), int64([3, 3, -3, -3])]],
  ["Mod", [int64([7, -7, 7, -7]), int64([3, 3, -3, -3])], { fmod: 1 }],
  ["Mod", [floats, float32([], [2])], { fmod: 1 }],
  ["Pow", [int64([2, 3, 5]), int64([3, 2, 0])]],
  ["Pow", [float32([3], [4, 9, 0.5]), float32([], [0.5])]],
  ["Neg", [matrix]],
  ["Abs", [floats]],
  ["Sign", [floats]],
  ["Floor", [floats]],
  ["Ceil", [floats]],
  ["Round", [floats]],
  ["Round", [float32([4], [-1.5, 2.5, 3.5, 0.4999])]],
  ["Sqrt", [float32([3], [4, 2, 0])]],
  ["Reciprocal", [floats]],
  ["Max", [matrix, int64([3]), int64([2, 9, 1])]],
  ["Min", [matrix, int64([3]), int64([2, 9, 1])]],
  ["And", [bools(0, 0, 1, 1), bools(0, 1, 0, 1)]],
  ["Or", [bools(0, 0, 1, 1), bools(0, 1, 0, 1)]],
  ["Xor", [bools(0, 0, 1, 1), bools(0, 1, 0, 1)]],
  ["Not", [bools(0, 1)]],
  ["Equal", [matrix, int64([4, 2, 6])]],
  ["Greater", [matrix, int64([4, 2, 6])]],
  ["GreaterOrEqual", [matrix, int64([4, 2, 6])]],
  ["Less", [matrix, int64([4, 2, 6])]],
  ["LessOrEqual", [matrix, int64([4, 2, 6])]],
  ["Where", [bools(1, 0, 1), int64([1, 2, 3]), int64([-1], [1])]],
  ["Cast", [floats], { to: 7 }],
  ["Cast", [floats], { to: 9 }],
  ["Cast", [matrix], { to: 1 }],
  ["Gather", [matrix, int64([-1, 0])], { axis: 1 }],
  ["Gather", [matrix, int64([1], [])]],
  ["GatherElements", [matrix, int64([2, -3, 1, 1], [2, 2])], { axis: 1 }],
  ["GatherND", [matrix, int64([1, -1, 0, 0], [2, 2])]],
  ["GatherND", [matrix, int64([2, 0], [2, 1])], { batch_dims: 1 }],
  ["ScatterND", [matrix, int64([1], [1, 1]), int64([7, 8, 9], [1, 3])]],
  ["ScatterND", [int64([1, 2, 3, 4]), int64([-1, 1], [2, 1]), int64([7, 8])]],
  ["Slice", [matrix, int64([-1, 0]), int64([-9, 2]), int64([1, 0]), int64([-2, 1])]],
  ["Concat", [matrix, int64([7, 8], [2, 1])], { axis: -1 }],
  ["Expand", [int64([1, 2], [2, 1]), int64([3, 1, 3])]],
  ["Tile", [matrix, int64([2, 3])]],
  ["Transpose", [matrix]],
  ["Split", [matrix, int64([1, 2])], { axis: 1 }, 2],
  ["Split", [int64([1, 2, 3, 4, 5])], { num_outputs: 3 }, 3],
  ["Range", [int64([2], []), int64([9], []), int64([3], [])]],
  ["Range", [float32([], [1]), float32([], [-1]), float32([], [-0.75])]],
  ["ConstantOfShape", [int64([2, 2])], { value: int64([-1]) }],
  ["ConstantOfShape", [int64([3])]],
  ["ReduceSum", [matrix, int64([0])], { keepdims: 0 }],
  ["ReduceSum", [matrix]],
  ["ReduceProd", [matrix, int64([-1])]],
  ["ReduceProd", [matrix], { keepdims: 0 }],
  ["ReduceMax", [matrix, int64([0])]],
  ["ReduceMin", [matrix, int64([1])], { keepdims: 0 }],
  ["ReduceMax", [floats]],
  ["Reshape", [matrix, int64([3, -1])]],
  ["Squeeze", [int64([5, 6], [1, 2])]],
  ["Unsqueeze", [matrix, int64([0, -1])]],
  ["Shape", [matrix], { start: -1 }],
  ["Size", [matrix]],
];

test.each(cases)(
  "folding of %s gives what ONNX Runtime computes",
  async (opType, inputs, attributes = {}, outputs = 1) => {
    const g = new GraphBuilder();
    const folded = g.op(
      opType,
      inputs.map((value) => g.constant(value)),
      attributes,
      { outputs },
    );
    expect(g.nodes).toEqual([]);
    const results = await runNode(
      opType,
      inputs,
      attributes,
      folded.map(({ constant }) => constant!),
    );
    folded.forEach(({ dtype, shape, constant }, i) => {
      expect({ dtype, shape }).toEqual({ dtype: results[i].dtype, shape: results[i].shape });
      const [ours, theirs] = [numbersOf(constant!), numbersOf(results[i])];
      // −0 and 0 count as equal: no shape tells them apart.
      expect(ours.map((v) => v + 0)).toEqual(theirs.map((v) => v + 0));
    });
  },
);

/** The node alone, fed its inputs, so that nothing is constant. */
async function runNode(
  opType: string,
  inputs: readonly Tensor[],
  attributes: Attributes,
  expected: readonly Tensor[],
): Promise<Tensor[]> {
  const named = (prefix: string, values: readonly Tensor[]) =>
    values.map(({ dtype, shape }, i) => ({ name: `${prefix}${i}`, dtype, shape }));
  const graph: Graph = {
    name: opType,
    inputs: named("x", inputs),
    outputs: named("y", expected),
    nodes: [
      {
        opType,
        domain: "",
        name: opType,
        inputs: inputs.map((_, i) => `x${i}`),
        outputs: expected.map((_, i) => `y${i}`),
        attributes,
      },
    ],
    initializers: new Map(),
    opsets: new Map([["", CURRENT_OPSET]]),
  };
  const session = await createSession(graph, { optimization: "disabled", threads: 1 });
  try {
    const results = await session.run(Object.fromEntries(inputs.map((value, i) => [`x${i}`, value])));
    return expected.map((_, i) => results[`y${i}`]);
  } finally {
    await session.release();
  }
}
