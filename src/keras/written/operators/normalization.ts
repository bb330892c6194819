import { floatAttribute } from "../../../onnx/index.ts";
import type { Placed } from "../placed.ts";
import { type LayerRule, type Writer, floats, refuse, weight } from "../writer.ts";

/** BatchNormalization by its running statistics. */
export const batchNormalization: LayerRule = (writer, node) => {
  const x = writer.input(node);
  if (x.channelAxis !== 0) refuse(node, "its channels are not first");
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((index) => floats(writer.constant(node, index)!));
  return normalized(writer, x, {
    scale,
    bias,
    mean,
    variance,
    epsilon: floatAttribute(node, "epsilon", 1e-5),
  });
};

/** scale·x + offset of each channel, as the one layer that has both. */
export const affine = (writer: Writer, x: Placed, scale: Float32Array, bias: Float32Array): Placed =>
  normalized(writer, x, { scale, bias, mean: scale.map(() => 0), variance: scale.map(() => 1), epsilon: 0 });

/** The same with one scale and one offset for all. */
export function shifted(writer: Writer, x: Placed, scale: number, offset: number): Placed {
  const each = (value: number) => new Float32Array(x.shape[x.channelAxis]).fill(value);
  return affine(writer, x, each(scale), each(offset));
}

/** Layers that give these tensors, no two the same: TensorFlow.js frees what one layer takes twice (tfjs-layers 4.22). */
export const apart = (writer: Writer, parts: readonly Placed[]): string[] =>
  parts.map((part, i) => {
    const isTwice = parts.slice(0, i).some(({ layer }) => layer === part.layer);
    return isTwice ? shifted(writer, part, 1, 0).layer : part.layer;
  });

interface Parameters {
  readonly scale: Float32Array;
  readonly bias: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  readonly epsilon: number;
}

function normalized(writer: Writer, x: Placed, { scale, bias, mean, variance, epsilon }: Parameters): Placed {
  const shape = [scale.length];
  return writer.same(
    "BatchNormalization",
    x,
    { axis: -1, momentum: 0.99, epsilon, center: true, scale: true },
    [
      weight("gamma", shape, scale),
      weight("beta", shape, bias),
      weight("moving_mean", shape, mean),
      weight("moving_variance", shape, variance),
    ],
  );
}
