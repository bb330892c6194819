import { ShapeError } from "../../tensor/index.ts";
import { describeNode, intsAttribute } from "../attribute.ts";
import { resolveWindow } from "../window.ts";
import { type InferenceRule, firstTypeWith, required } from "./rule.ts";
import { spatialOf } from "./spatial.ts";

const pool: InferenceRule = (node) => {
  const { dtype, shape } = required(node, 0);
  const { output } = resolveWindow(node, spatialOf(node), intsAttribute(node, "kernel_shape"));
  const pooled = [...shape.slice(0, 2), ...output];
  return [
    { dtype, shape: pooled },
    { dtype: "int64" as const, shape: pooled },
  ].slice(0, node.outputCount);
};

const globalPool: InferenceRule = (node) => {
  const spatial = spatialOf(node);
  return firstTypeWith(node, [...required(node, 0).shape.slice(0, 2), ...spatial.map(() => 1)]);
};

/** The output shape is the third input, which must be given. */
const maxUnpool: InferenceRule = (node) => {
  const shape = required(node, 2).constant;
  if (!shape) throw new ShapeError(`${describeNode(node)} needs its output shape as a constant.`);
  return firstTypeWith(node, Array.from(shape.data as BigInt64Array, Number));
};

export const poolingInference = {
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  MaxUnpool: maxUnpool,
} satisfies Record<string, InferenceRule>;
