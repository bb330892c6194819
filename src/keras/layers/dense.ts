import { activate, activationProblems } from "./activation.ts";
import { type LayerConverter, channelsFirst, channelsLast } from "./converter.ts";

/** The kernel [inputs, units] acts on TensorFlow.js's last axis: of vectors, or of the channels at each place. */
export const denseLayers = {
  Dense: {
    problems: ({ config }) => activationProblems(config),
    convert({ g, config, weight, name }, [x]) {
      const kernel = weight("kernel")!;
      const bias = weight("bias");
      if (x.shape.length === 2) return activate(g, g.op1("Gemm", [x, kernel, bias], {}, { name }), config);
      const product = g.op1("MatMul", [channelsLast(g, x), kernel], {}, { name });
      return activate(g, channelsFirst(g, bias ? g.add(product, bias) : product), config);
    },
  },
} satisfies Record<string, LayerConverter>;
