import { type GraphBuilder, type Value } from "../../onnx/index.ts";
import { float32 } from "../../tensor/index.ts";
import { type ConvGradWeightInputs, product } from "../conv-window.ts";
import { fusedMatMul } from "../fused-mat-mul.ts";

/**
 * dW of a first layer (few input channels): the patches of X are laid out by a convolution with one-hot kernels,
 * then one batched matrix product. Any rank; group = 1.
 *
 *   patches [N, Ci·k, L]; dy [N, Co, L] · patchesᵀ -> [N, Co, Ci·k], summed over N
 */
export function im2col(g: GraphBuilder, { x, dy, window }: ConvGradWeightInputs): Value {
  const { kernel, strides, dilations, pads } = window;
  const [n, ci] = x.shape;
  const [, co, ...output] = dy.shape;
  const rows = ci * product(kernel);
  // Row c·k + t of the kernel bank picks tap t of channel c: an identity matrix, reshaped.
  const oneHot = Float32Array.from({ length: rows * rows }, (_, i) => (i % (rows + 1) === 0 ? 1 : 0));
  const bank = g.constant(float32([rows, ci, ...kernel], oneHot));
  const patches = g.op1("Conv", [x, bank], { kernel_shape: kernel, strides, dilations, pads, group: 1 });
  const length = product(output);
  const products = fusedMatMul(g, g.reshape(dy, [n, co, length]), g.reshape(patches, [n, rows, length]), {
    transB: 1,
  });
  return g.reshape(g.sum(products, [0]), [co, ci, ...kernel]);
}
