import { withDefaults } from "../options/index.ts";
import type { Value } from "../onnx/index.ts";
import type { Classifier } from "./classifier.ts";
import { type Layers, imageModel } from "./image-model.ts";
import { batchNormalization, convolution, globalAveragePool, hardSwish, linear } from "./layers.ts";
import { type WidthOptions, wideModelOptions } from "./model-options.ts";

export const mobileNetOptions = wideModelOptions([3, 32, 32], 32);

/**
 * A short MobileNet: a 3×3 convolution of stride 2 with `width` (32) channels, three inverted residuals around
 * depthwise convolutions (the second of stride 2, twice as wide), global average pooling, 4·`width` units and
 * `classes`. HardSwish between. 40,810 parameters at width 32 for 3 channels and 10 classes. H and W must be at least 4.
 *
 * After: Howard et al., "Searching for MobileNetV3", ICCV 2019, without squeeze-and-excitation.
 */
export function mobileNet(options: WidthOptions = {}): Classifier {
  const { width } = withDefaults("mobileNet", mobileNetOptions, options);
  const plan = { name: "mobileNet", title: "MobileNet", table: mobileNetOptions, leastSize: 4 } as const;
  return imageModel(plan, options, (layers, images) => {
    const { g, rng, classes } = layers;
    const stem = { name: "stem.0", rng, channels: width, kernel: 3, stride: 2, padding: 1, bias: false };
    let x = hardSwish(g, batchNormalization(g, convolution(g, images, stem), "stem.1"));
    x = invertedResidual(layers, x, { name: "blocks.0", channels: width, stride: 1 });
    x = invertedResidual(layers, x, { name: "blocks.1", channels: 2 * width, stride: 2 });
    x = invertedResidual(layers, x, { name: "blocks.2", channels: 2 * width, stride: 1 });
    x = linear(g, globalAveragePool(g, x), { name: "classifier.0", rng, features: 4 * width });
    return linear(g, hardSwish(g, x), { name: "classifier.2", rng, features: classes });
  });
}

/** Twice the channels by a 1×1 convolution, a depthwise 3×3 one, and back; x is added where the shape is the same. */
function invertedResidual(
  { g, rng }: Layers,
  x: Value,
  { name, channels, stride }: { name: string; channels: number; stride: number },
): Value {
  const hidden = 2 * x.shape[1];
  const one = { rng, kernel: 1, bias: false };
  const depthwise = { rng, channels: hidden, kernel: 3, padding: 1, stride, groups: hidden, bias: false };
  let y = convolution(g, x, { ...one, name: `${name}.body.0`, channels: hidden });
  y = hardSwish(g, batchNormalization(g, y, `${name}.body.1`));
  y = convolution(g, y, { ...depthwise, name: `${name}.body.3` });
  y = hardSwish(g, batchNormalization(g, y, `${name}.body.4`));
  y = convolution(g, y, { ...one, name: `${name}.body.6`, channels });
  y = batchNormalization(g, y, `${name}.body.7`);
  return stride === 1 && x.shape[1] === channels ? g.add(x, y) : y;
}
