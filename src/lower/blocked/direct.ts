import type { Value } from "../../onnx/index.ts";
import type { Layouts } from "./layouts.ts";
import { type ConvCall, type Finish, conv } from "./operators.ts";
import { scaledWeight } from "./weights.ts";

/** How one direct convolution makes what it is asked for, all in one pass. */
export const directly =
  (layouts: Layouts, call: Omit<ConvCall, keyof Finish>) =>
  ({ scale, ...finish }: Finish): Value =>
    conv(layouts.g, { ...call, ...finish, w: scale ? scaledWeight(layouts, call.w, scale) : call.w });
