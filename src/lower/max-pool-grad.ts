import { type GraphBuilder, type Value, intsAttribute } from "../onnx/index.ts";
import { float32, sizeOf } from "../tensor/index.ts";
import { allEqual, product } from "./conv-window.ts";
import type { Lowering } from "./recipe.ts";

/**
 * dX of MaxPool. Where several elements of a window are the maximum, the first in row order gets the gradient, as
 * in PyTorch. Ties are not rare: the background of an image is constant.
 */
export const maxPoolGrad: Lowering = (g, node) => {
  const [dy, x, y] = node.inputs;
  const kernel = intsAttribute(node, "kernel_shape");
  const disjoint = kernel.every((k, i) => k === intsAttribute(node, "strides")[i]);
  const plain = allEqual(intsAttribute(node, "pads"), 0) && allEqual(intsAttribute(node, "dilations"), 1);
  const tiles = kernel.length === 2 && kernel.every((k, i) => x.shape[i + 2] === k * y.shape[i + 2]);
  if (x.dtype === "float32" && disjoint && plain && tiles) return [byPriority(g, dy, x, y, kernel)];
  // A second MaxPool that gives indices too; the forward one stays without, being 4–10× faster.
  const [, indices] = g.op("MaxPool", [x], node.attributes, { outputs: 2 });
  return [disjoint && plain ? unpool(g, dy, indices, x, kernel) : scatter(g, dy, indices, x)];
};

/**
 * Windows that tile the input: among the elements equal to their window's maximum, the one of the highest priority
 * (first in row order) is marked, by a second pooling over priorities.
 */
function byPriority(g: GraphBuilder, dy: Value, x: Value, y: Value, [kh, kw]: readonly number[]): Value {
  const [, , height, width] = x.shape;
  const order = Float32Array.from(
    { length: height * width },
    (_, p) => kh * kw - (Math.floor(p / width) % kh) * kw - (p % kw),
  );
  const priority = g.constant(float32([1, 1, height, width], order));
  const scales = g.constant(float32([4], [1, 1, kh, kw]));
  const upsample = (v: Value) =>
    g.op1("Resize", [v, null, scales], {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    });
  const ranked = g.mul(g.cast(g.equal(x, upsample(y)), "float32"), priority);
  const best = g.op1("MaxPool", [ranked], { kernel_shape: [kh, kw], strides: [kh, kw] });
  return g.mul(upsample(dy), g.cast(g.equal(ranked, upsample(best)), "float32"));
}

/** Disjoint windows that leave a rest: each position is the maximum of one window at most. */
const unpool = (g: GraphBuilder, dy: Value, indices: Value, x: Value, kernel: readonly number[]): Value =>
  g.op1("MaxUnpool", [dy, indices, g.ints(x.shape)], { kernel_shape: kernel, strides: kernel });

/** Overlapping windows: an element may be the maximum of several, and their gradients add up. */
function scatter(g: GraphBuilder, dy: Value, indices: Value, x: Value): Value {
  const count = product(dy.shape);
  const flat = g.op1(
    "ScatterElements",
    [g.full([sizeOf(x.shape)], 0, x.dtype), g.reshape(indices, [count]), g.reshape(dy, [count])],
    { axis: 0, reduction: "add" },
  );
  return g.reshape(flat, x.shape);
}
