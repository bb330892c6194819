/**
 * Dilated convolutions as TensorFlow writes them out: SpaceToBatchND lays images apart into d·d smaller ones, a convolution without
 * padding runs on these, BatchToSpaceND puts them together. That is one convolution of padded images, dilated by d.
 */
import { ModelError } from "../../onnx/index.ts";
import type { NodeContext, OperatorConverter } from "../context.ts";
import { type Held, Laid, type Spaced } from "../held.ts";
import { images } from "./convolution.ts";
import { padded } from "./arrangement.ts";

/** What may stand between the two: it knows nothing of places, or is the convolution. */
const between = new Set([
  ...["Conv2D", "_FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative", "BiasAdd", "Identity"],
  ...["Relu", "Relu6", "Elu", "Selu", "LeakyRelu", "Sigmoid", "Tanh", "Softplus"],
]);

/** Befores and afters of height and width. */
function pairs(context: NodeContext, i: number, what: string): number[][] {
  const numbers = context.wholes(i, what);
  if (numbers.length !== 4)
    throw new ModelError(`its ${what} are [${numbers.join(", ")}], not of height and width`);
  return [numbers.slice(0, 2), numbers.slice(2)];
}

const spaceToBatch: OperatorConverter = (context) => {
  const block = context.wholes(1, "block");
  if (block.length !== 2) throw new ModelError(`its block is [${block.join(", ")}], not of height and width`);
  const [rows, columns] = pairs(context, 2, "paddings");
  const inner = padded(context, images(context), [[0, 0], rows, columns, [0, 0]]);
  return { kind: "spaced", inner, block };
};

const batchToSpace: OperatorConverter = (context) => {
  const held = context.held(0);
  if (held.kind !== "spaced" || context.wholes(1, "block").join() !== held.block.join()) {
    throw new ModelError("it puts together what was not laid apart so, by SpaceToBatchND");
  }
  const cut = pairs(context, 2, "crops").flatMap(([before, after], i) => {
    const length = held.inner.shape[i + 1];
    return before + after === 0 ? [] : [{ axis: i + 2, start: before, end: length - after }];
  });
  return cut.length === 0 ? held.inner : Laid.first(context.g, context.g.slice(held.inner.first, cut));
};

/** What a node makes of images that are laid apart; undefined for others. */
export function converterOfSpaced(context: NodeContext, convert: OperatorConverter): Held | undefined {
  const [first] = context.inputs;
  if (first?.kind !== "spaced" || context.op === "BatchToSpaceND") return undefined;
  if (!between.has(context.op)) {
    throw new ModelError("it takes images that SpaceToBatchND laid apart, which only a convolution may");
  }
  const { inner, block } = first;
  const made = convert(context.with([inner, ...context.inputs.slice(1)], block)) as Laid;
  return { kind: "spaced", inner: made, block } satisfies Spaced;
}

export const spacedOperators: Readonly<Record<string, OperatorConverter>> = {
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
};
