/** Layers before and behind a graph's own: what becomes of pixels, and probabilities. */
import { shifted } from "./operators/normalization.ts";
import { type Placed, mapLengths } from "./placed.ts";
import { UsageError } from "../../tensor/index.ts";
import { type Writer, weight } from "./writer.ts";

/** Of what is fed, by the channels that the graph takes: scale·f + offset. */
export interface PixelMap {
  readonly scale: readonly number[];
  readonly offset: readonly number[];
  /** The graph takes blue first. */
  readonly isReversed: boolean;
}

/** The middle of images that are fed with a margin: [H, W, C] of the given height and width. */
export function marginLayer(writer: Writer, images: Placed, fed: readonly [number, number]): Placed {
  const cropping = mapLengths(images)
    .slice(0, 2)
    .map((length, axis) => {
      const margin = fed[axis] - length;
      return [Math.floor(margin / 2), Math.ceil(margin / 2)];
    });
  return writer.same("Cropping2D", images, { cropping, data_format: "channels_last" });
}

/** As a convolution of single pixels: it can exchange channels, too. */
export function pixelLayer(writer: Writer, images: Placed, { scale, offset, isReversed }: PixelMap): Placed {
  const channels = scale.length;
  const kernel = new Float32Array(channels * channels);
  scale.forEach((s, c) => (kernel[(isReversed ? channels - 1 - c : c) * channels + c] = s));
  const layer = writer.add({
    className: "Conv2D",
    config: {
      filters: channels,
      kernel_size: [1, 1],
      strides: [1, 1],
      dilation_rate: [1, 1],
      data_format: "channels_last",
      padding: "valid",
      use_bias: true,
      activation: "linear",
    },
    inputs: [images.layer],
    weights: [
      weight("kernel", [1, 1, channels, channels], kernel),
      weight("bias", [channels], Float32Array.from(offset)),
    ],
  });
  return { ...images, layer };
}

/** Softmax of the logits, divided by a temperature; of a single one, which is the second class', the probabilities of both. */
export function probabilityLayer(writer: Writer, given: Placed, temperature = 1): Placed {
  const logits = temperature === 1 ? given : shifted(writer, given, 1 / temperature, 0);
  const [classes, ...others] = logits.shape.filter((n) => n !== 1);
  if (others.length > 0) {
    throw new UsageError(
      `The logits are [N, ${logits.shape.join(", ")}]; a classifier gives [N, classes]. Average over the other axes before you ` +
        `export the model, or name another tensor with --output.`,
    );
  }
  const both = {
    className: "Dense",
    config: { units: 2, activation: "linear", use_bias: false },
    inputs: [logits.layer],
    weights: [weight("kernel", [1, 2], Float32Array.from([0, 1]))],
  };
  const layer = classes === undefined ? writer.add(both) : logits.layer;
  const softmax = writer.add({ className: "Softmax", config: { axis: -1 }, inputs: [layer] });
  return { layer: softmax, form: "row", channelAxis: 0, shape: [classes ?? 2] };
}
