/** Pooling over windows. */
import type { OperatorConverter } from "../context.ts";
import { Laid } from "../held.ts";
import { checkChannelsLast, images, padsOf, spatialOf } from "./convolution.ts";

/** An average leaves padding out of the count, as TensorFlow's does: ONNX's default. */
const pool =
  (opType: "MaxPool" | "AveragePool"): OperatorConverter =>
  (context) => {
    const { g } = context;
    checkChannelsLast(context);
    const x = images(context);
    const [kernel, strides] = [spatialOf(context, "ksize"), spatialOf(context, "strides")];
    const pads = padsOf(context, x, { kernel, strides });
    return Laid.first(g, g.op1(opType, [x.first], { kernel_shape: kernel, strides, pads }));
  };

export const poolingOperators: Readonly<Record<string, OperatorConverter>> = {
  MaxPool: pool("MaxPool"),
  AvgPool: pool("AveragePool"),
};
