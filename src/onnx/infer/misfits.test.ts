import { expect, test } from "vitest";
import { ShapeError, float32, int64 } from "../../tensor/index.ts";
import type { Attributes } from "../attribute.ts";
import { GraphBuilder } from "../builder.ts";
import type { Value } from "../value.ts";

type Build = (g: GraphBuilder, x: Value) => unknown;

const einsum =
  (equation: string, count = 2): Build =>
  (g, x) =>
    g.op("Einsum", new Array<Value>(count).fill(x), { equation }, { name: "contract" });

const transposed =
  (weight: readonly number[], attributes: Attributes, bias?: number): Build =>
  (g, x) => {
    const inputs = [x, g.constant(float32(weight)), bias === undefined ? null : g.constant(float32([bias]))];
    return g.op("ConvTranspose", inputs, attributes, { name: "up" });
  };

/** x is [2, 4, 6, 8]. */
const misfits: [what: string, build: Build, message: RegExp][] = [
  [
    "an equation of another number of operands",
    einsum("abcd->a"),
    /"abcd->a" has 1 operands, and the node 2 inputs/,
  ],
  ["a term that is no term", einsum("ab.d,abcd->a"), /term "ab\.d", which is not letters and one ellipsis/],
  ["a term of another rank", einsum("abc,abcd->a"), /does not fit input 0 of shape \[2,4,6,8\]/],
  ["a repeated output letter", einsum("abcd,abcd->aa"), /repeats a letter in its output/],
  ["an output letter out of nowhere", einsum("abcd,abcd->az"), /output letter "z", which no operand has/],
  [
    "a letter of two lengths",
    einsum("abcd,badc->ab"),
    /letter "b" lengths 4 and 2|letter "a" lengths 2 and 4/,
  ],
  [
    "ellipses of two ranks",
    einsum("...a,...ab->a"),
    /ellipses that stand for 3 and 2 axes; give the operands as many/,
  ],
  [
    "a transposed weight of other channels",
    transposed([3, 2, 3, 3], {}),
    /ConvTranspose node "up".*\[Ci, Co\/group/,
  ],
  ["a transposed bias of another length", transposed([4, 3, 3, 3], {}, 4), /bias \[4\] must be \[3\]/],
  [
    "a kernel_shape that is not the weight's",
    (g, x) => g.op("Conv", [x, g.constant(float32([3, 4, 3, 3]))], { kernel_shape: [3, 100] }, { name: "c" }),
    /Conv node "c" has kernel_shape \[3,100\], and a weight of \[3,3\]/,
  ],
  [
    "a transposed kernel_shape that is not the weight's",
    transposed([4, 3, 3, 3], { kernel_shape: [3] }),
    /kernel_shape \[3\], and a weight of \[3,3\]/,
  ],
  [
    "strides for another rank",
    transposed([4, 3, 3, 3], { strides: [2] }),
    /strides \[2\]; 2 spatial axes need 2/,
  ],
  ["pads for another rank", transposed([4, 3, 3, 3], { pads: [1, 1] }), /pads \[1,1\].*need 4 pads/],
  [
    "an output beyond the reach of the input",
    transposed([4, 3, 3, 3], { strides: [2, 2], output_shape: [15, 17] }),
    /makes 15 elements of spatial axis 0, of which its input reaches 13; only less than a stride of 2/,
  ],
  [
    "output_padding of a stride",
    transposed([4, 3, 3, 3], { dilations: [2, 2], output_padding: [0, 1] }),
    /makes 13 elements of spatial axis 1, of which its input reaches 12/,
  ],
  [
    "blocks that do not divide the channels",
    (g, x) => g.op("DepthToSpace", [x], { blocksize: 3 }, { name: "shuffle" }),
    /DepthToSpace node "shuffle" cannot cut \[2,4,6,8\] into blocks of 3×3.*C a multiple/,
  ],
  [
    "blocks that do not divide the image",
    (g, x) => g.op("SpaceToDepth", [x], { blocksize: 4 }),
    /cannot cut.*H and W multiples/,
  ],
  ["too few repeats", (g, x) => g.op("Tile", [x, g.ints([2, 2])]), /repeats \[2,2\] for \[2,4,6,8\]/],
  [
    "more of the largest than there are",
    (g, x) => g.op("TopK", [x, g.ints([9])], {}, { outputs: 2 }),
    /9 elements of axis 3/,
  ],
  [
    "scales for fewer axes",
    (g, x) => g.op("Resize", [x, null, g.constant(float32([2], [2, 2]))], {}, { name: "up" }),
    /Resize node "up" has scales \[2,2\] and sizes \[\] for axes \[0,1,2,3\]/,
  ],
  [
    "an unknown aspect policy",
    (g, x) => g.op("Resize", [x, null, null, g.ints([2, 4, 6, 8])], { keep_aspect_ratio_policy: "crop" }),
    /keep_aspect_ratio_policy "crop"; known are stretch/,
  ],
  [
    "ND indices deeper than the data",
    (g, x) => g.op("GatherND", [x, g.constant(int64([0, 0, 0, 0, 0], [1, 5]))]),
    /indices \[1,5\] do not fit data \[2,4,6,8\] with 0 batch axes/,
  ],
  [
    "ND updates of another shape",
    (g, x) => g.op("ScatterND", [x, g.constant(int64([0], [1, 1])), x]),
    /updates \[2,4,6,8\] must be \[1,4,6,8\]/,
  ],
  [
    "more updates than indices",
    (g, x) => g.op("ScatterElements", [x, g.constant(int64([0], [1, 1, 1, 1])), x]),
    /updates \[2,4,6,8\] must be as many as indices \[1,1,1,1\]/,
  ],
  [
    "a range that never ends",
    (g) =>
      g.op("Range", [g.constant(int64([0], [])), g.constant(int64([3], [])), g.constant(int64([0], []))]),
    /delta 0/,
  ],
  ["an identity like no matrix", (g, x) => g.op("EyeLike", [x]), /needs a matrix, not \[2,4,6,8\]/],
  ["pads for other axes", (g, x) => g.op("Pad", [x, g.ints([1, 1])]), /4 axes need 8 pads, got \[1,1\]/],
];

test.each(misfits)("%s", (_, build, message) => {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [2, 4, 6, 8]);
  expect(() => build(g, x)).toThrow(ShapeError);
  expect(() => build(g, x)).toThrow(message);
});
