import { type Attributes, type GraphBuilder, type Value, intsAttribute } from "../onnx/index.ts";
import { float32, sizeOf } from "../tensor/index.ts";
import { allEqual, product } from "./conv-window.ts";
import type { Lowering, SemanticNode } from "./recipe.ts";

interface Inputs {
  readonly dy: Value;
  readonly x: Value;
  readonly y: Value;
  /** Kernel, strides, dilations and explicit pads. */
  readonly attributes: Attributes;
  readonly kernel: readonly number[];
}

type Recipe = (g: GraphBuilder, inputs: Inputs) => Value;

/** All recipes by name. Every one computes the same dX where {@link applicableRecipes} lists it. */
export const maxPoolGradRecipes = { byPriority, unpool, scatter } satisfies Record<string, Recipe>;

export type MaxPoolGradRecipe = keyof typeof maxPoolGradRecipes;

/** The recipes that can compute this gradient, the fastest first (docs/performance.md). */
export function applicableRecipes(node: SemanticNode): MaxPoolGradRecipe[] {
  const { x, y, kernel } = inputsOf(node);
  const strides = intsAttribute(node, "strides");
  const isPlain = allEqual(intsAttribute(node, "pads"), 0) && allEqual(intsAttribute(node, "dilations"), 1);
  const isDisjoint = isPlain && kernel.every((k, i) => k === strides[i]);
  if (!isDisjoint || x.dtype !== "float32") return ["scatter"];
  const tiles = kernel.length === 2 && kernel.every((k, i) => x.shape[i + 2] === k * y.shape[i + 2]);
  return tiles ? ["byPriority", "unpool", "scatter"] : ["unpool", "scatter"];
}

/**
 * dX of MaxPool. Where several elements of a window are the maximum, the first in row order gets the gradient, as
 * in PyTorch. Ties are not rare: the background of an image is constant.
 */
export const maxPoolGrad: Lowering = (g, node) => [
  maxPoolGradRecipes[applicableRecipes(node)[0]](g, inputsOf(node)),
];

export function inputsOf(node: SemanticNode): Inputs {
  const [dy, x, y] = node.inputs;
  return { dy, x, y, attributes: node.attributes, kernel: intsAttribute(node, "kernel_shape") };
}

/**
 * Windows that tile the input: among the elements equal to their window's maximum, the one of the highest priority
 * (first in row order) is marked, by a second pooling over priorities.
 */
function byPriority(g: GraphBuilder, { dy, x, y, kernel: [kh, kw] }: Inputs): Value {
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
function unpool(g: GraphBuilder, { dy, x, attributes, kernel }: Inputs): Value {
  const places = [dy, firstMaxima(g, x, attributes), g.ints(x.shape)];
  return g.op1("MaxUnpool", places, { kernel_shape: kernel, strides: kernel });
}

/** Overlapping windows: an element may be the maximum of several, and their gradients add up. */
function scatter(g: GraphBuilder, { dy, x, attributes }: Inputs): Value {
  const count = product(dy.shape);
  const flat = g.op1(
    "ScatterElements",
    [
      g.full([sizeOf(x.shape)], 0, x.dtype),
      g.reshape(firstMaxima(g, x, attributes), [count]),
      g.reshape(dy, [count]),
    ],
    { axis: 0, reduction: "add" },
  );
  return g.reshape(flat, x.shape);
}

/**
 * Where in x, flattened, each window's first maximum is: a second MaxPool. The forward one stays without indices, as
 * that kernel is 4–10× faster.
 */
const firstMaxima = (g: GraphBuilder, x: Value, attributes: Attributes): Value =>
  g.op("MaxPool", [x], attributes, { outputs: 2 })[1];
