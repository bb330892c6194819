import { withDefaults } from "../options/index.ts";
import type { Classifier } from "./classifier.ts";
import { imageModel } from "./image-model.ts";
import { convolution, flatten, linear, maxPool, relu } from "./layers.ts";
import { type WidthOptions, wideModelOptions } from "./model-options.ts";

export const cifarCnnOptions = wideModelOptions([3, 32, 32], 32);

/**
 * A small network of three 3×3 convolutions without padding, with `width` (32), twice and twice as many channels, the
 * first two pooled by 2; then twice `width` units and `classes`. 122,570 parameters at width 32 for 3×32×32 and 10
 * classes. H and W must be at least 18.
 *
 * Source: the TensorFlow example of the authors' Python package. Initialised as PyTorch would, not as Keras.
 */
export function cifarCnn(options: WidthOptions = {}): Classifier {
  const { width } = withDefaults("cifarCnn", cifarCnnOptions, options);
  const plan = { name: "cifarCnn", title: "The CIFAR CNN", table: cifarCnnOptions, leastSize: 18 } as const;
  return imageModel(plan, options, ({ g, rng, classes }, images) => {
    let x = relu(g, convolution(g, images, { name: "conv1", rng, channels: width, kernel: 3 }));
    x = maxPool(g, x, 2);
    x = relu(g, convolution(g, x, { name: "conv2", rng, channels: 2 * width, kernel: 3 }));
    x = maxPool(g, x, 2);
    x = relu(g, convolution(g, x, { name: "conv3", rng, channels: 2 * width, kernel: 3 }));
    x = relu(g, linear(g, flatten(g, x), { name: "fc1", rng, features: 2 * width }));
    return linear(g, x, { name: "fc2", rng, features: classes });
  });
}
