import { type Shape, ShapeError, normalizeAxis } from "../tensor/index.ts";
import { describeNode, intsAttribute, stringAttribute } from "./attribute.ts";
import { type InferenceNode, constantNumbers, required } from "./infer/rule.ts";

/** What Resize does to one axis. `length` may differ from `size·scale`, which need not be an integer. */
export interface ResizedAxis {
  readonly size: number;
  readonly length: number;
  readonly scale: number;
}

/**
 * Resize's scales or sizes (opset 18 form: for the axes that `axes` names, in its order) for every axis of the input.
 *
 * As in ONNX Runtime the arithmetic is that of float32: 10·0.7 is 7, not the 6.9999999 that the stored 0.7 would give.
 */
export function resizedAxes(node: InferenceNode): ResizedAxis[] {
  const { shape } = required(node, 0);
  const every = shape.map((_, axis) => axis);
  const axes = intsAttribute(node, "axes", every).map((axis) => normalizeAxis(axis, shape.length));
  const scales = constantNumbers(node, 2) ?? [];
  const sizes = constantNumbers(node, 3) ?? [];
  const given = scales.length > 0 ? scales : sizes;
  if (given.length !== axes.length || (scales.length > 0 && sizes.length > 0)) {
    throw new ShapeError(
      `${describeNode(node)} has scales [${scales}] and sizes [${sizes}] for axes [${axes}] of [${shape}]; ` +
        `it needs one of the two, with a number for each axis.`,
    );
  }
  const keepsAspect = policyOf(node) !== "stretch";
  const factors = scales.length > 0 ? scales : scalesOf(node, shape, axes, sizes);
  return shape.map((size, axis) => {
    const at = axes.indexOf(axis);
    if (at === -1) return { size, length: size, scale: 1 };
    const scale = Math.fround(factors[at]);
    const scaled = Math.fround(size * scale);
    if (scales.length > 0) return { size, length: Math.floor(scaled), scale };
    return { size, length: keepsAspect ? Math.round(scaled) : sizes[at], scale };
  });
}

const policyOf = (node: InferenceNode): string =>
  stringAttribute(node, "keep_aspect_ratio_policy", "stretch");

/** Scales from sizes; one for all axes where the aspect ratio is to be kept. */
function scalesOf(
  node: InferenceNode,
  shape: Shape,
  axes: readonly number[],
  sizes: readonly number[],
): number[] {
  const scales = axes.map((axis, i) => sizes[i] / shape[axis]);
  const policy = policyOf(node);
  if (policy === "stretch") return scales;
  if (policy !== "not_larger" && policy !== "not_smaller") {
    throw new ShapeError(
      `${describeNode(node)} has keep_aspect_ratio_policy "${policy}"; known are stretch, not_larger, not_smaller.`,
    );
  }
  const common = policy === "not_larger" ? Math.min(...scales) : Math.max(...scales);
  return scales.map(() => common);
}
