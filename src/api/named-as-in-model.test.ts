/** What messages and tables call a model's nodes, tensors and rows. */
import { expect, test } from "vitest";
import { datasetFromArrays } from "../data/index.ts";
import { buildClassifier } from "../models/index.ts";
import { float32, random, sizeOf } from "../tensor/index.ts";
import { mapOfLogits } from "./class-logits.ts";
import { fit } from "./fit.ts";
import { inspectTensors } from "./inspect.ts";

const noise = (shape: readonly number[]) => {
  const rng = random(0, "noise");
  const numbers = Float32Array.from({ length: sizeOf(shape) }, () => rng.normal());
  return float32(shape, numbers);
};
const window = { kernel_shape: [1, 1], pads: [0, 0, 0, 0], strides: [1, 1], dilations: [1, 1] };

test("an operator without a gradient has the file's name for it, without the pass that it is in", async () => {
  const model = buildClassifier("cropping", [1, 2, 2], (g, images) => {
    const x = g.op1("Conv", [images, g.initializer("body.weight", noise([2, 1, 1, 1]))], window);
    const scales = g.constant(float32([4], [1, 1, 2, 2]));
    const cropping = { coordinate_transformation_mode: "tf_crop_and_resize" };
    return g.mean(g.op1("Resize", [x, null, scales], cropping, { name: "/Resize" }), [2, 3]);
  });
  const data = datasetFromArrays({
    name: "dark",
    shape: [1, 2, 2],
    pixels: new Uint8Array(16),
    labels: [0, 1, 0, 1],
    classNames: ["a", "b"],
  });
  const failed = fit(model, data, { onNote: () => undefined });
  await expect(failed).rejects.toThrow(
    /^Resize node "\/Resize" has coordinate_transformation_mode "tf_crop_and_resize"/,
  );
});

test("tensors stand in the order in which the graph takes them, whatever the file's", () => {
  const model = buildClassifier("net", [1, 2, 2], (g, images) => {
    const head = g.initializer("head.weight", noise([2, 2]));
    const bias = g.initializer("body.bias", noise([2]));
    const x = g.op1("Conv", [images, g.initializer("body.weight", noise([2, 1, 1, 1])), bias], window);
    return g.matMul(g.mean(x, [2, 3]), head);
  });
  const names = inspectTensors(model).tensors.map(({ name }) => name);
  expect(names).toEqual(["body.weight", "body.bias", "head.weight"]);
});

test("logits that are not a row for each image are told from maps of logits", () => {
  expect(mapOfLogits("y", [4])).toMatch(/^The logits "y" are not a row for each image: .*x\.flatten\(1\)/);
  expect(mapOfLogits("y", [4, 2, 2])).toMatch(/^The logits "y" are \[N, 4, 2, 2\]/);
});
