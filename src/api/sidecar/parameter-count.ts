import type { Graph } from "../../onnx/index.ts";
import { sizeOf } from "../../tensor/index.ts";

/** Numbers in a graph's float32 initializers: parameters, and statistics of BatchNormalization. */
export const parameterCount = ({ initializers }: Graph): number =>
  [...initializers.values()]
    .filter(({ dtype }) => dtype === "float32")
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
