import { activate, activationProblems } from "./activation.ts";
import { type LayerConverter, numbers, text } from "./converter.ts";
import { paddingProblems } from "./padding.ts";

/**
 * Transposed convolutions as TensorFlow has them, the gradient of a convolution in its input. "same" gives n·stride, "valid"
 * n·stride + max(kernel − stride, 0).
 */
const transposed: LayerConverter = {
  problems: ({ config }) => [
    ...paddingProblems(config),
    ...activationProblems(config),
    ...(config.outputPadding == null
      ? []
      : ["its output_padding is not supported. Leave it out, and pad or crop behind it."]),
    ...((config.groups ?? 1) === 1 ? [] : ["it has groups. Build it without."]),
    ...(config.dilationRate === undefined || numbers(config, "dilationRate").every((d) => d === 1)
      ? []
      : ["it is dilated. Build it with dilation_rate 1."]),
  ],
  convert({ g, config, name, weight }, [x]) {
    const rank = x.shape.length - 2;
    const spatial = Array.from({ length: rank }, (_, i) => i);
    // [k…, Co, Ci] -> [Ci, Co, k…]
    const w = weight("kernel", { perm: [rank + 1, rank, ...spatial] })!;
    const kernel = w.shape.slice(2);
    const strides = numbers(config, "strides", x.shape.length - 2);
    const beyond = kernel.map((k, i) => k - strides[i]);
    const total =
      text(config, "padding") === "same" ? beyond.map((n) => Math.max(n, 0)) : beyond.map(() => 0);
    const y = g.op1(
      "ConvTranspose",
      [x, w, weight("bias")],
      {
        kernel_shape: kernel,
        strides,
        pads: [...total.map((t) => Math.floor(t / 2)), ...total.map((t) => Math.ceil(t / 2))],
        output_padding: beyond.map((n) => Math.max(-n, 0)),
      },
      { name },
    );
    return activate(g, y, config);
  },
};

export const transposedConvolutionLayers = {
  Conv1DTranspose: transposed,
  Conv2DTranspose: transposed,
} satisfies Record<string, LayerConverter>;
