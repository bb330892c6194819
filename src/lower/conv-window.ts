import { type Value, intAttribute, intsAttribute } from "../onnx/index.ts";
import type { SemanticNode } from "./recipe.ts";

/** The attributes that the gradient nodes of Conv carry, and the sizes that recipes are chosen by. */
export interface ConvWindow {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Before each spatial axis, then after each. */
  readonly pads: readonly number[];
  readonly group: number;
  /** Number of spatial axes. */
  readonly rank: number;
}

export function convWindow(node: Pick<SemanticNode, "opType" | "name" | "attributes">): ConvWindow {
  const kernel = intsAttribute(node, "kernel_shape");
  return {
    kernel,
    strides: intsAttribute(node, "strides"),
    dilations: intsAttribute(node, "dilations"),
    pads: intsAttribute(node, "pads"),
    group: intAttribute(node, "group"),
    rank: kernel.length,
  };
}

/** A recipe for dW: x [N, Ci, …] and dy [N, Co, …] to [Co, Ci/group, k…]. */
export interface ConvGradWeightInputs {
  readonly x: Value;
  readonly dy: Value;
  readonly window: ConvWindow;
}

export const product = (lengths: readonly number[]): number => lengths.reduce((a, b) => a * b, 1);

export const allEqual = (lengths: readonly number[], value: number): boolean =>
  lengths.every((l) => l === value);
