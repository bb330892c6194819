import type { GraphBuilder, Value } from "../../onnx/index.ts";
import { type ConvGradWeightInputs, allEqual, convWindow, product } from "../conv-window.ts";
import type { Lowering } from "../recipe.ts";
import { batchedTaps, batchedTapsByColumn } from "./batched-taps.ts";
import { gemmTaps, gemmTapsByColumn } from "./gemm-taps.ts";
import { im2col } from "./im2col.ts";
import { transposedConvolution } from "./transposed-convolution.ts";

type Recipe = (g: GraphBuilder, inputs: ConvGradWeightInputs) => Value;

/** All recipes by name. Every one computes the same dW where `applicableRecipes` lists it. */
export const convGradWeightRecipes = {
  transposedConvolution,
  im2col,
  batchedTaps,
  batchedTapsByColumn,
  gemmTaps,
  gemmTapsByColumn,
} satisfies Record<string, Recipe>;

export type ConvGradWeightRecipe = keyof typeof convGradWeightRecipes;

/** The recipes that can compute this gradient; the first is the fastest by measurement (docs/performance.md). */
export function applicableRecipes({ x, dy, window }: ConvGradWeightInputs): ConvGradWeightRecipe[] {
  const { group, kernel, strides, rank } = window;
  if (group !== 1 || x.dtype !== "float32") return ["transposedConvolution"];
  const ci = x.shape[1];
  const co = dy.shape[1];
  const positions = product(dy.shape.slice(2));
  const unitStride = allEqual(strides, 1);
  if (rank !== 2) return ci <= 3 ? ["im2col", "transposedConvolution"] : ["transposedConvolution"];

  const byTap: ConvGradWeightRecipe[] = unitStride
    ? ["batchedTapsByColumn", "gemmTapsByColumn", "batchedTaps", "gemmTaps"]
    : ["batchedTaps", "gemmTaps"];
  if (positions < 150) byTap.sort((a, b) => Number(b.startsWith("gemm")) - Number(a.startsWith("gemm")));
  const fewChannels = ci * co <= 100 || (!unitStride && kernel[0] >= 5);
  const general: ConvGradWeightRecipe[] = fewChannels
    ? ["transposedConvolution", ...byTap]
    : [...byTap, "transposedConvolution"];
  return ci <= 3 ? ["im2col", ...general] : general;
}

/** dW of Conv. */
export const convGradWeight: Lowering = (g, node) => {
  const [x, dy] = node.inputs;
  const inputs = { x, dy, window: convWindow(node) };
  return [convGradWeightRecipes[applicableRecipes(inputs)[0]](g, inputs)];
};
