/** Convolutions, alone and fused with a bias, a normalisation and an activation. */
import { samePads } from "../../keras/index.ts";
import { ModelError, type Value, float } from "../../onnx/index.ts";
import { type NodeContext, type OperatorConverter } from "../context.ts";
import { Laid } from "../held.ts";
import { activations, alone, joined, prelu } from "./arithmetic.ts";

/** A window of [N, H, W, C]. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations?: readonly number[];
}

/** Of a list for each axis, [1, h, w, 1], those of space. @throws ModelError for one that goes over images or channels */
export function spatialOf({ attributes }: NodeContext, key: string, fallback?: readonly number[]): number[] {
  const list = attributes.wholes(key, fallback);
  const [n, h, w, c] = list;
  if (list.length !== 4 || n !== 1 || c !== 1 || !(h >= 1 && w >= 1)) {
    throw new ModelError(`its ${key} are [${list.join(", ")}]; [1, height, width, 1] is what is read`);
  }
  return [h, w];
}

/** @throws ModelError for values whose channels come first */
export function checkChannelsLast({ attributes }: NodeContext): void {
  const format = attributes.text("data_format", "NHWC");
  if (format !== "NHWC") throw new ModelError(`it works on ${format}; only channels last, NHWC, is read`);
}

/** Explicit pads, befores then afters, of what TensorFlow names. */
export function padsOf({ attributes }: NodeContext, x: Laid, window: Window): number[] {
  const padding = attributes.text("padding");
  if (padding === "SAME") return samePads(x.shape.slice(1, 3), window);
  if (padding === "VALID") return [0, 0, 0, 0];
  const pads = attributes.wholes("explicit_paddings", []);
  if (padding !== "EXPLICIT" || pads.length !== 8 || [0, 1, 6, 7].some((i) => pads[i] !== 0)) {
    throw new ModelError(`its padding ${JSON.stringify(padding)} with [${pads.join(", ")}] is not read`);
  }
  const [, , top, bottom, left, right] = pads;
  return [top, left, bottom, right];
}

/** An input [N, H, W, C]. */
export function images(context: NodeContext): Laid {
  const x = context.laid(0);
  if (x.shape.length !== 4) throw new ModelError(`it takes [N, ${x.shape.slice(1).join(", ")}], no images`);
  return x;
}

/** @param bias  which input it is; null where it has none */
function convolve(context: NodeContext, isDepthwise: boolean, bias: number | null): Laid {
  const { g } = context;
  checkChannelsLast(context);
  const x = images(context);
  const channels = x.shape[3];
  const kernel = context.numbers(1, "kernel").shape.slice(0, 2);
  // [h, w, C, m] -> [C·m, 1, h, w], or [h, w, Ci/group, Co] -> [Co, Ci/group, h, w].
  const w = context.weight(1, "kernel", 4, ([h, wide, ci, m]) =>
    isDepthwise ? { perm: [2, 3, 0, 1], shape: [ci * m, 1, h, wide] } : { perm: [3, 2, 0, 1] },
  );
  const group = isDepthwise ? channels : channels / w.shape[1];
  const strides = spatialOf(context, "strides");
  const dilations = spatialOf(context, "dilations", [1, 1, 1, 1]).map((d, i) => d * context.spacing[i]);
  const isSpaced = context.spacing.some((d) => d !== 1);
  if (isSpaced && (strides.some((s) => s !== 1) || context.attributes.text("padding") !== "VALID")) {
    throw new ModelError("it pads images that SpaceToBatchND laid apart, or strides over them");
  }
  const pads = padsOf(context, x, { kernel, strides, dilations });
  const b = biasOf(context, bias, w.shape[0]);
  const y = Laid.first(
    g,
    g.op1("Conv", [x.first, w, b], { kernel_shape: kernel, strides, dilations, pads, group }),
  );
  return withBias(context, y, bias, b);
}

/**
 * A bias as the layer's own: one number for each channel, or one for all of them, as the 3 of a hard swish that was fused.
 *
 * @returns null where it is none, or something else, which is to be added
 */
export function biasOf(context: NodeContext, i: number | null, channels: number): Value | null {
  const held = i === null ? undefined : context.held(i);
  if (i === null || held?.kind !== "numbers") return null;
  const { shape, data } = held.tensor;
  if (shape.length === 1 && shape[0] === channels) return context.weight(i, "bias", 1, () => ({}));
  return shape.length <= 1 && data.length === 1 ? context.g.full([channels], Number(data[0])) : null;
}

/** What a layer gave, with a bias that it could not take. */
export function withBias(context: NodeContext, y: Laid, i: number | null, taken: Value | null): Laid {
  if (i === null || taken) return y;
  return joined(context.with([y, context.held(i)]), 0, 1, (g, a, b) => g.add(a, b));
}

/** What is fused to a layer comes after it, with inputs of its own from the third on. */
export function fused(context: NodeContext, layer: (bias: number | null) => Laid): Laid {
  const [first, ...rest] = context.attributes.texts("fused_ops", []);
  let next = 2;
  const takesBias = first === "BiasAdd";
  let y = layer(takesBias ? next++ : null);
  for (const op of takesBias || first === undefined ? rest : [first, ...rest]) {
    if (op === "FusedBatchNorm") {
      y = normalized(context, y, next);
      next += 4;
    } else if (op === "Prelu") y = prelu(context, y, next++);
    else {
      const activation = activations.get(op);
      if (!activation) throw new ModelError(`the operator fused to it, ${JSON.stringify(op)}, is not read`);
      y = alone(context, y, activation);
    }
  }
  return y;
}

/** Keras' default, which a graph does not keep; it counts when the model is trained. */
const MOMENTUM = 0.99;

/** By the running mean and variance: inputs scale, offset, mean, variance from `from` on. */
function normalized(context: NodeContext, x: Laid, from: number): Laid {
  const { g, attributes } = context;
  const statistics = ["scale", "offset", "mean", "variance"].map((what, i): Value =>
    context.weight(from + i, what, 1, () => ({})),
  );
  const epsilon = attributes.number("epsilon", 1e-4);
  return Laid.first(
    g,
    g.op1("BatchNormalization", [x.first, ...statistics], {
      epsilon: float(epsilon),
      momentum: float(MOMENTUM),
    }),
  );
}

const batchNormalization: OperatorConverter = (context) => {
  checkChannelsLast(context);
  return normalized(context, images(context), 1);
};

export const convolutionOperators: Readonly<Record<string, OperatorConverter>> = {
  Conv2D: (context) => convolve(context, false, null),
  DepthwiseConv2dNative: (context) => convolve(context, true, null),
  _FusedConv2D: (context) => fused(context, (bias) => convolve(context, false, bias)),
  FusedDepthwiseConv2dNative: (context) => fused(context, (bias) => convolve(context, true, bias)),
  FusedBatchNorm: batchNormalization,
  FusedBatchNormV2: batchNormalization,
  FusedBatchNormV3: batchNormalization,
};
