import { withDefaults } from "../options/index.ts";
import type { GraphBuilder, Value } from "../onnx/index.ts";
import type { Classifier } from "./classifier.ts";
import { imageModel } from "./image-model.ts";
import { batchNormalization, convolution, flatten, linear, maxPool, relu } from "./layers.ts";
import { type WidthOptions, wideModelOptions } from "./model-options.ts";

export const vggOptions = wideModelOptions([3, 32, 32], 32);

/**
 * A short VGG: 3×3 convolutions with BatchNormalization, two with `width` (32) channels, two with twice and one with
 * four times as many, with max pooling by 2 after each pair; average pooling to 2×2, then 8·`width` units and
 * `classes`. 273,962 parameters at width 32 for 3×32×32 and 10 classes. H and W must be at least 8.
 *
 * After: Simonyan, Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015.
 * Layers are named by their place in the nn.Sequential of tools/pytorch/architectures.py.
 */
export function vgg(options: WidthOptions = {}): Classifier {
  const { width } = withDefaults("vgg", vggOptions, options);
  const plan = { name: "vgg", title: "VGG", table: vggOptions, leastSize: 8 } as const;
  return imageModel(plan, options, ({ g, rng, classes }, images) => {
    const block = (x: Value, index: number, channels: number) => {
      const y = convolution(g, x, { name: `${index}`, rng, channels, kernel: 3, padding: 1 });
      return relu(g, batchNormalization(g, y, `${index + 1}`));
    };
    let x = block(block(images, 0, width), 3, width);
    x = maxPool(g, x, 2);
    x = block(block(x, 7, 2 * width), 10, 2 * width);
    x = maxPool(g, x, 2);
    x = flatten(g, averagePoolTo2(g, block(x, 14, 4 * width)));
    x = relu(g, linear(g, x, { name: "19", rng, features: 8 * width }));
    return linear(g, x, { name: "22", rng, features: classes });
  });
}

/** PyTorch's adaptive average pooling to 2×2: the halves of each axis, which share the middle of an odd one. */
function averagePoolTo2(g: GraphBuilder, x: Value): Value {
  const spatial = x.shape.slice(2);
  return g.op1("AveragePool", [x], {
    kernel_shape: spatial.map((length) => Math.ceil(length / 2)),
    strides: spatial.map((length) => Math.floor(length / 2)),
  });
}
