import type { GraphBuilder, Value } from "../onnx/index.ts";
import { float32 } from "../tensor/index.ts";
import { type ConvWindow, product } from "./conv-window.ts";
import { fusedMatMul } from "./fused-mat-mul.ts";

export type PatchWindow = Pick<ConvWindow, "kernel" | "strides" | "dilations" | "pads">;

/** x [N, Ci, …] as the patches [N, Ci·k, output…] that a convolution multiplies, by one with one-hot kernels. */
export function imagePatches(
  g: GraphBuilder,
  x: Value,
  { kernel, strides, dilations, pads }: PatchWindow,
): Value {
  const ci = x.shape[1];
  const rows = ci * product(kernel);
  // Row c·k + t of the kernel bank picks tap t of channel c: an identity matrix, reshaped.
  const oneHot = Float32Array.from({ length: rows * rows }, (_, i) => (i % (rows + 1) === 0 ? 1 : 0));
  const bank = g.constant(float32([rows, ci, ...kernel], oneHot));
  return g.op1("Conv", [x, bank], { kernel_shape: kernel, strides, dilations, pads, group: 1 });
}

/** dW of Conv: dy [N, Co, L] · patchesᵀ [L, Ci·k], summed over N. */
export function gradWeightFromPatches(
  g: GraphBuilder,
  patches: Value,
  dy: Value,
  shape: readonly number[],
): Value {
  const [n, rows, ...output] = patches.shape;
  const [co, length] = [dy.shape[1], product(output)];
  const products = fusedMatMul(g, g.reshape(dy, [n, co, length]), g.reshape(patches, [n, rows, length]), {
    transB: 1,
  });
  return g.reshape(g.sum(products, [0]), shape);
}
