/** Models that take bytes, which images are not here. */
import { type LayerCall, isAugmentation, isNoise } from "../keras/index.ts";

/** Layers that leave pixels what they are, wherever they put them. */
const arranging = new Set(["ZeroPadding2D", "Cropping2D", "UpSampling2D", "Permute", "Dropout"]);

/** A smaller scale on the images themselves is meant for bytes: 1/255, or 1/127.5 with an offset. */
const SMALLEST_SCALE = 1 / 100;

/** A sentence for a call that scales bytes to [0, 1]. */
export function byteProblems(calls: readonly LayerCall[]): (call: LayerCall) => string[] {
  const images = imageValues(calls);
  return ({ layer: { className, config }, inputs }) =>
    className === "Rescaling" && images.has(inputs[0]) && (config.scale as number) < SMALLEST_SCALE
      ? [
          "it expects pixels from 0 to 255; here they are in [0, 1]. Put the model behind another one: " +
            "tf.sequential({ layers: [tf.layers.rescaling({ scale: 255, inputShape }), model] }).",
        ]
      : [];
}

/** Numbers of the values that are the images themselves, in whatever arrangement. */
function imageValues(calls: readonly LayerCall[]): Set<number> {
  const images = new Set([0]);
  for (const { layer, inputs, output } of calls) {
    const { className } = layer;
    if (
      (isAugmentation(className) || isNoise(className) || arranging.has(className)) &&
      images.has(inputs[0])
    )
      images.add(output);
  }
  return images;
}
