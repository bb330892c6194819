import { constantNumbers, intsAttribute } from "../../onnx/index.ts";
import { sizeOf, tensor } from "../../tensor/index.ts";
import type { GradientRule } from "../rule.ts";

/**
 * y = columns [N, C·k, L] summed into images [N, C, …] (Col2Im-18): dx are the columns of dy, which a convolution by the k
 * one-hot kernels of a block takes out.
 */
export const col2Im: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  const image = constantNumbers(node, 1)!;
  const block = constantNumbers(node, 2)!;
  const count = sizeOf(block);
  const oneHot = new Float32Array(count * count);
  for (let i = 0; i < count; i++) oneHot[i * count + i] = 1;
  const kernels = g.cast(g.constant(tensor("float32", [count, 1, ...block], oneHot)), dy.dtype);
  const [n, channels] = dy.shape;
  const columns = g.op1("Conv", [g.reshape(dy, [n * channels, 1, ...image]), kernels], {
    kernel_shape: block,
    pads: intsAttribute(node, "pads", new Array<number>(2 * block.length).fill(0)),
    strides: intsAttribute(
      node,
      "strides",
      block.map(() => 1),
    ),
    dilations: intsAttribute(
      node,
      "dilations",
      block.map(() => 1),
    ),
  });
  return [g.reshape(columns, x.shape)];
};
