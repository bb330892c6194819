import type { LayerConverter } from "./converter.ts";
import { numbers } from "./converter.ts";
import { explicitPads, paddingProblems } from "./padding.ts";

/** An average leaves padding out of the count, as TensorFlow's does: ONNX's default. */
const pool = (opType: "MaxPool" | "AveragePool"): LayerConverter => ({
  problems: ({ config }) => paddingProblems(config),
  convert({ g, config, name }, [x]) {
    const { length } = x.shape.slice(2);
    const window = {
      kernel: numbers(config, "poolSize", length),
      strides: numbers(config, "strides", length),
    };
    const pads = explicitPads(config, x.shape.slice(2), window);
    return g.op1(opType, [x], { kernel_shape: window.kernel, strides: window.strides, pads }, { name });
  },
});

/** [N, C, …] -> [N, C], or (`keepdims`) [N, C, 1…]. */
const globalPool = (opType: "GlobalMaxPool" | "GlobalAveragePool"): LayerConverter => ({
  convert({ g, config, name }, [x]) {
    const pooled = g.op1(opType, [x], {}, { name });
    return config.keepdims === true ? pooled : g.op1("Flatten", [pooled], { axis: 1 });
  },
});

export const poolingLayers = {
  MaxPooling1D: pool("MaxPool"),
  MaxPooling2D: pool("MaxPool"),
  AveragePooling1D: pool("AveragePool"),
  AveragePooling2D: pool("AveragePool"),
  GlobalMaxPooling1D: globalPool("GlobalMaxPool"),
  GlobalMaxPooling2D: globalPool("GlobalMaxPool"),
  GlobalAveragePooling1D: globalPool("GlobalAveragePool"),
  GlobalAveragePooling2D: globalPool("GlobalAveragePool"),
} satisfies Record<string, LayerConverter>;
