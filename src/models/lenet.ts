import type { Classifier } from "./classifier.ts";
import { imageModel } from "./image-model.ts";
import { convolution, flatten, linear, maxPool, relu } from "./layers.ts";
import { type ImageModelOptions, modelOptions } from "./model-options.ts";

export interface LeNetOptions extends ImageModelOptions {
  /** One image, [C, H, W] (default MNIST's [1, 28, 28]). H and W must be at least 12. */
  shape?: readonly [channels: number, height: number, width: number];
}

export const lenetOptions = modelOptions([1, 28, 28]);
export const cifarLenetOptions = modelOptions([3, 32, 32]);

/**
 * LeNet-5 with ReLU and max pooling: two 5×5 convolutions (6 and 16 channels, the first padded by 2), each pooled
 * by 2, then 120, 84 and `classes` units. 61,706 parameters for MNIST.
 *
 * Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998.
 */
export const lenet = (options: LeNetOptions = {}): Classifier =>
  paddedLenet({ name: "lenet", title: "LeNet", table: lenetOptions, leastSize: 12 }, 2, options);

/**
 * LeNet-5 for CIFAR: as {@link lenet}, without padding. 62,006 parameters for 3×32×32 and 10 classes. H and W must be
 * at least 16.
 *
 * Source: the PyTorch example of the authors' Python package.
 */
export const cifarLenet = (options: ImageModelOptions = {}): Classifier =>
  paddedLenet(
    { name: "cifarLenet", title: "CIFAR's LeNet", table: cifarLenetOptions, leastSize: 16 },
    0,
    options,
  );

const paddedLenet = (
  plan: Parameters<typeof imageModel>[0],
  padding: number,
  options: ImageModelOptions,
): Classifier =>
  imageModel(plan, options, ({ g, rng, classes }, images) => {
    let x = convolution(g, images, { name: "conv1", rng, channels: 6, kernel: 5, padding });
    x = maxPool(g, relu(g, x), 2);
    x = convolution(g, x, { name: "conv2", rng, channels: 16, kernel: 5 });
    x = maxPool(g, relu(g, x), 2);
    x = relu(g, linear(g, flatten(g, x), { name: "fc1", rng, features: 120 }));
    x = relu(g, linear(g, x, { name: "fc2", rng, features: 84 }));
    return linear(g, x, { name: "fc3", rng, features: classes });
  });
