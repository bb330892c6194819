import { describe, expect, test } from "vitest";
import { ShapeError } from "../../tensor/index.ts";
import type { Attributes } from "../attribute.ts";
import { GraphBuilder } from "../builder.ts";

/** The outputs of an operator of inputs of these shapes, as "float32 [2,3]". */
function inferred(opType: string, shapes: readonly number[][], attributes: Attributes = {}, outputs = 1) {
  const g = new GraphBuilder();
  const inputs = shapes.map((shape, i) => g.input(`x${i}`, "float32", shape));
  return g
    .op(opType, inputs, attributes, { name: "norm", outputs })
    .map(({ dtype, shape }) => `${dtype} [${shape}]`);
}

test("LayerNormalization's statistics keep the normalized axes at length 1", () => {
  const shapes = [[2, 3, 4], [3, 4], [4]];
  expect(inferred("LayerNormalization", shapes, { axis: 1 }, 3)).toEqual([
    "float32 [2,3,4]",
    "float32 [2,1,1]",
    "float32 [2,1,1]",
  ]);
});

describe("what does not fit is named", () => {
  const cases: [string, readonly number[][], Attributes, RegExp][] = [
    ["LayerNormalization", [[2, 3], [4]], {}, /"norm": input 1 has shape \[4\].*broadcast to \[2,3\]/],
    ["LayerNormalization", [[2, 3], [3], [2, 2, 3]], {}, /input 2 has shape \[2,2,3\]/],
    ["LayerNormalization", [[2, 3], [3]], { axis: 2 }, /axis 2/i],
    ["RMSNormalization", [[2, 3], [2]], {}, /input 1 has shape \[2\]/],
    ["InstanceNormalization", [[2, 3], [3], [3]], {}, /needs \[N, C, spatial…\].*\[2,3\]/],
    ["InstanceNormalization", [[2, 3, 4], [3], [4]], {}, /input 2 has shape \[4\], expected \[3\]/],
    [
      "GroupNormalization",
      [[2, 6, 4], [6], [6]],
      { num_groups: 4 },
      /4 groups of equal size from 6 channels/,
    ],
    [
      "GroupNormalization",
      [[2, 6, 4], [3], [3]],
      { num_groups: 3 },
      /input 1 has shape \[3\], expected \[6\]/,
    ],
    ["LpNormalization", [[2, 3]], { p: 3 }, /p = 3; ONNX defines 1 and 2/],
    ["LRN", [[2, 3, 4, 4]], { size: 4 }, /size 4; only windows of odd size/],
    ["LRN", [[2, 3, 4]], { size: 3 }, /needs \[N, C, H, W\].*\[2,3,4\]/],
    [
      "PRelu",
      [
        [2, 3],
        [4, 2, 3],
      ],
      {},
      /slope \[4,2,3\] does not broadcast to \[2,3\]/,
    ],
  ];

  test.each(cases)("%s of %j %j", (opType, shapes, attributes, message) => {
    const make = () => inferred(opType, shapes, attributes);
    expect(make).toThrow(ShapeError);
    expect(make).toThrow(message);
  });
});
