import type { LayerRule } from "../writer.ts";
import { activations } from "./activation.ts";
import { arithmetics } from "./arithmetic.ts";
import { arrangements } from "./arrangement.ts";
import { convolution } from "./convolution.ts";
import { direction } from "./direction.ts";
import { linears } from "./linear.ts";
import { batchNormalization } from "./normalization.ts";
import { poolings } from "./pooling.ts";

/** By ONNX operator: how it is written as layers. */
export const layerRules: ReadonlyMap<string, LayerRule> = new Map(
  Object.entries<LayerRule>({
    Conv: convolution,
    BatchNormalization: batchNormalization,
    LpNormalization: direction,
    ...linears,
    ...activations,
    ...arithmetics,
    ...poolings,
    ...arrangements,
  }),
);
