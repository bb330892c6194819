import { UsageError, random } from "../tensor/index.ts";
import { type Classifier, buildClassifier } from "./classifier.ts";
import { convolution, linear, maxPool, relu } from "./layers.ts";
import { checkNormalization, normalize } from "./normalization.ts";

export interface LeNetOptions {
  /** One image, [C, H, W] (default MNIST's [1, 28, 28]). H and W must be at least 12. */
  shape?: readonly [number, number, number];
  classes?: number;
  /** What the graph subtracts from, then divides, each channel by (default 0 and 1: pixels in [0, 1] as they are). */
  mean?: readonly number[];
  std?: readonly number[];
  /** Seed of the initial weights. */
  seed?: number;
}

/**
 * LeNet-5 with ReLU and max pooling: two 5×5 convolutions (6 and 16 channels, the first padded by 2), each pooled
 * by 2, then 120, 84 and `classes` units. 61,706 parameters for MNIST.
 *
 * Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998.
 */
export function lenet(options: LeNetOptions = {}): Classifier {
  const { shape = [1, 28, 28], classes = 10, seed = 0 } = options;
  const [channels, height, width] = shape;
  if (height < 12 || width < 12) {
    throw new UsageError(`LeNet needs images of at least 12×12 pixels; got ${height}×${width}. Resize them.`);
  }
  const mean = options.mean ?? Array<number>(channels).fill(0);
  const std = options.std ?? Array<number>(channels).fill(1);
  checkNormalization({ mean, std }, channels);
  const rng = random(seed, "lenet");
  return buildClassifier("lenet", shape, (g, images) => {
    let x = normalize(g, images, { mean, std });
    x = convolution(g, x, { name: "conv1", rng, channels: 6, kernel: 5, padding: 2 });
    x = maxPool(g, relu(g, x), 2);
    x = convolution(g, x, { name: "conv2", rng, channels: 16, kernel: 5 });
    x = maxPool(g, relu(g, x), 2);
    x = g.op1("Flatten", [x], { axis: 1 });
    x = relu(g, linear(g, x, { name: "fc1", rng, features: 120 }));
    x = relu(g, linear(g, x, { name: "fc2", rng, features: 84 }));
    return linear(g, x, { name: "fc3", rng, features: classes });
  });
}
