/** Layers with PyTorch's default initialisation: weights and biases uniform in ±1/√fan-in. */
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { checkLimit } from "../options/index.ts";
import { type Random, type Shape, float32, sizeOf } from "../tensor/index.ts";

/** A layer's name, and the stream that its initial weights are drawn from. */
interface LayerOptions {
  name: string;
  rng: Random;
}

interface ConvolutionOptions extends LayerOptions {
  channels: number;
  kernel: number;
  padding?: number;
  stride?: number;
  /** As many as there are channels for a depthwise convolution (default 1). */
  groups?: number;
  bias?: boolean;
}

/** Numbers drawn from [−bound, bound). */
export function uniform(rng: Random, shape: Shape, bound: number) {
  checkLimit("tensorBytes", 4 * sizeOf(shape), `A layer with weights [${shape.join(", ")}]`);
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => (2 * rng.uniform() - 1) * bound),
  );
}

/** Convolution, by default with bias: x [N, Ci, H, W] -> [N, channels, H', W']. */
export function convolution(
  g: GraphBuilder,
  x: Value,
  { name, rng, channels, kernel, padding = 0, stride = 1, groups = 1, bias = true }: ConvolutionOptions,
): Value {
  const shape = [channels, x.shape[1] / groups, kernel, kernel];
  const bound = 1 / Math.sqrt(sizeOf(shape.slice(1)));
  const inputs = [x, g.initializer(`${name}.weight`, uniform(rng, shape, bound))];
  if (bias) inputs.push(g.initializer(`${name}.bias`, uniform(rng, [channels], bound)));
  return g.op1(
    "Conv",
    inputs,
    {
      kernel_shape: [kernel, kernel],
      pads: Array(4).fill(padding),
      ...(stride > 1 && { strides: [stride, stride] }),
      ...(groups > 1 && { group: groups }),
    },
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

/** Batch normalisation; epsilon and momentum are ONNX's defaults, which are PyTorch's (1e-5; 0.9, there 0.1). */
export function batchNormalization(g: GraphBuilder, x: Value, name: string): Value {
  const perChannel = (what: string, value: number) =>
    g.initializer(`${name}.${what}`, float32([x.shape[1]], new Float32Array(x.shape[1]).fill(value)));
  return g.op1(
    "BatchNormalization",
    [
      x,
      perChannel("weight", 1),
      perChannel("bias", 0),
      perChannel("running_mean", 0),
      perChannel("running_var", 1),
    ],
    {},
    { name },
  );
}

export const relu = (g: GraphBuilder, x: Value): Value => g.op1("Relu", [x]);

/** x·min(max(x/6 + 1/2, 0), 1). */
export const hardSwish = (g: GraphBuilder, x: Value): Value => g.op1("HardSwish", [x]);

/** Max pooling over disjoint size×size windows. */
export const maxPool = (g: GraphBuilder, x: Value, size: number): Value =>
  g.op1("MaxPool", [x], { kernel_shape: [size, size], strides: [size, size] });

/** The mean of each channel: [N, C, H, W] -> [N, C]. */
export const globalAveragePool = (g: GraphBuilder, x: Value): Value =>
  flatten(g, g.op1("GlobalAveragePool", [x]));

/** [N, C, H, W] -> [N, C·H·W]. */
export const flatten = (g: GraphBuilder, x: Value): Value => g.op1("Flatten", [x], { axis: 1 });
