/** Layers with PyTorch's default initialisation: weights and biases uniform in ±1/√fan-in. */
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { type Random, type Shape, float32, sizeOf } from "../tensor/index.ts";

/** A layer's name, and the stream that its initial weights are drawn from. */
interface LayerOptions {
  name: string;
  rng: Random;
}

function uniform(rng: Random, shape: Shape, bound: number) {
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => (2 * rng.uniform() - 1) * bound),
  );
}

/** Convolution with bias: x [N, Ci, H, W] -> [N, channels, H', W']. */
export function convolution(
  g: GraphBuilder,
  x: Value,
  {
    name,
    rng,
    channels,
    kernel,
    padding = 0,
  }: LayerOptions & { channels: number; kernel: number; padding?: number },
): Value {
  const shape = [channels, x.shape[1], kernel, kernel];
  const bound = 1 / Math.sqrt(x.shape[1] * kernel * kernel);
  const weight = g.initializer(`${name}.weight`, uniform(rng, shape, bound));
  const bias = g.initializer(`${name}.bias`, uniform(rng, [channels], bound));
  return g.op1(
    "Conv",
    [x, weight, bias],
    { kernel_shape: [kernel, kernel], pads: Array(4).fill(padding) },
    { name },
  );
}

/** Fully connected layer: x [N, K] -> [N, features]; the weight is [features, K], as in PyTorch. */
export function linear(
  g: GraphBuilder,
  x: Value,
  { name, rng, features }: LayerOptions & { features: number },
): Value {
  const bound = 1 / Math.sqrt(x.shape[1]);
  const weight = g.initializer(`${name}.weight`, uniform(rng, [features, x.shape[1]], bound));
  const bias = g.initializer(`${name}.bias`, uniform(rng, [features], bound));
  return g.op1("Gemm", [x, weight, bias], { transB: 1 }, { name });
}

export const relu = (g: GraphBuilder, x: Value): Value => g.op1("Relu", [x]);

/** Max pooling over disjoint size×size windows. */
export const maxPool = (g: GraphBuilder, x: Value, size: number): Value =>
  g.op1("MaxPool", [x], { kernel_shape: [size, size], strides: [size, size] });
