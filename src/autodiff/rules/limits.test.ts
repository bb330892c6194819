import { expect, test } from "vitest";
import { type Attributes, GraphBuilder, UnsupportedOpError, type Value } from "../../onnx/index.ts";
import { float32, int64 } from "../../tensor/index.ts";
import { backward } from "../backward.ts";

type Build = (g: GraphBuilder, x: Value) => Value;

const resized =
  (attributes: Attributes): Build =>
  (g, x) =>
    g.op1("Resize", [x, null, g.constant(float32([4], [1, 1, 2, 2]))], attributes, { name: "up" });

const limits: [what: string, build: Build, message: RegExp][] = [
  [
    "cropping while resizing",
    resized({ mode: "linear", coordinate_transformation_mode: "tf_crop_and_resize" }),
    /coordinate_transformation_mode "tf_crop_and_resize".*one of asymmetric, half_pixel/,
  ],
  [
    "an unknown rounding",
    resized({ nearest_mode: "simple" }),
    /nearest_mode "simple".*one of floor, ceil, round_prefer_floor, round_prefer_ceil/,
  ],
  [
    "an unknown padding",
    (g, x) => g.op1("Pad", [x, g.ints([0, 0, 0, 1, 0, 0, 0, 1])], { mode: "mirror" }, { name: "border" }),
    /Pad node "border" pads by "mirror".*one of constant, edge, wrap, reflect/,
  ],
  [
    "scattering by product",
    (g, x) => {
      const indices = g.constant(int64([0], [1, 1, 1, 1]));
      return g.op1(
        "ScatterElements",
        [x, indices, g.full([1, 1, 1, 1], 2)],
        { reduction: "mul" },
        { name: "put" },
      );
    },
    /ScatterElements node "put" combines by "mul".*"none" or "add"/,
  ],
];

test.each(limits)("no gradient of %s: the error names the node and what to do", (_, build, message) => {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [1, 2, 3, 4]);
  const loss = g.sum(build(g, x), [0, 1, 2, 3]);
  expect(() => backward(g, loss, [x])).toThrow(UnsupportedOpError);
  expect(() => backward(g, loss, [x])).toThrow(message);
});
