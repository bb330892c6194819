import type { GraphBuilder, Value } from "../../onnx/index.ts";
import { activate, activationProblems } from "./activation.ts";
import { type LayerContext, type LayerConverter, type LayerFacts, numbers } from "./converter.ts";
import { explicitPads, paddingProblems } from "./padding.ts";

const problems = ({ config, inputShapes: [shape] }: LayerFacts): string[] => [
  // Only sequences have a past.
  ...(config.padding === "causal" && shape.length === 3 ? [] : paddingProblems(config)),
  ...activationProblems(config),
];

/** A convolution by the layer's window, without its activation; `w` is [Co, Ci/group, kernel…]. */
function convolve(
  { g, config, name }: LayerContext,
  x: Value,
  w: Value,
  bias: Value | null,
  group = 1,
): Value {
  const window = {
    kernel: w.shape.slice(2),
    strides: numbers(config, "strides", x.shape.length - 2),
    dilations: numbers(config, "dilationRate", x.shape.length - 2),
  };
  const pads = explicitPads(config, x.shape.slice(2), window);
  const { kernel: kernel_shape, strides, dilations } = window;
  return g.op1("Conv", [x, w, bias], { kernel_shape, strides, dilations, pads, group }, { name });
}

/** Kernel [k…, Ci/groups, Co] -> [Co, Ci/groups, k…]. */
const convolution: LayerConverter = {
  problems,
  convert(context, [x]) {
    const spatial = x.shape.slice(2).map((_, i) => i);
    const w = context.weight("kernel", { perm: [spatial.length + 1, spatial.length, ...spatial] })!;
    const groups = Number(context.config.groups ?? 1);
    return activate(context.g, convolve(context, x, w, context.weight("bias"), groups), context.config);
  },
};

/** Kernel [k…, Ci, m] -> [Ci·m, 1, k…]: output channel c·m + j reads channel c. */
function depthwiseKernel({ weight, config }: LayerContext, x: Value): Value {
  const spatial = x.shape.slice(2).map((_, i) => i);
  const kernel = numbers(config, "kernelSize", spatial.length);
  const perm = [spatial.length, spatial.length + 1, ...spatial];
  return weight("depthwise_kernel", { perm, shape: [-1, 1, ...kernel] })!;
}

const depthwise: LayerConverter = {
  problems: (facts) => [
    ...problems(facts),
    ...(facts.dialect === "tfjs" && numbers(facts.config, "dilationRate").some((d) => d !== 1)
      ? ["TensorFlow.js runs this layer without its dilationRate. Set it to 1, or use a SeparableConv2D."]
      : []),
  ],
  convert(context, [x]) {
    const channels = x.shape[1];
    const y = convolve(context, x, depthwiseKernel(context, x), context.weight("bias"), channels);
    return activate(context.g, y, context.config);
  },
};

const separable: LayerConverter = {
  problems,
  convert(context, [x]) {
    const channels = x.shape[1];
    const each = convolve(context, x, depthwiseKernel(context, x), null, channels);
    return activate(context.g, pointwise(context.g, context, each), context.config);
  },
};

/** Kernel [1…, C, Co] -> [Co, C, 1…]. */
function pointwise(g: GraphBuilder, { weight, name }: LayerContext, x: Value): Value {
  const spatial = x.shape.slice(2).map((_, i) => i);
  const perm = [spatial.length + 1, spatial.length, ...spatial];
  return g.op1(
    "Conv",
    [x, weight("pointwise_kernel", { perm }), weight("bias")],
    { kernel_shape: spatial.map(() => 1) },
    { name: `${name}:pointwise` },
  );
}

export const convolutionLayers = {
  Conv1D: convolution,
  Conv2D: convolution,
  DepthwiseConv1D: depthwise,
  DepthwiseConv2D: depthwise,
  SeparableConv1D: separable,
  SeparableConv2D: separable,
} satisfies Record<string, LayerConverter>;
