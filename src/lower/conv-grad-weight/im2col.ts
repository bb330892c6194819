import type { GraphBuilder, Value } from "../../onnx/index.ts";
import type { ConvGradWeightInputs } from "../conv-window.ts";
import { gradWeightFromPatches, imagePatches } from "../image-patches.ts";

/** dW of a first layer (few input channels) by its patches. Any rank; group = 1. */
export const im2col = (g: GraphBuilder, { x, dy, window }: ConvGradWeightInputs): Value =>
  gradWeightFromPatches(g, imagePatches(g, x, window), dy, [dy.shape[1], x.shape[1], ...window.kernel]);
