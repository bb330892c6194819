import { withDefaults } from "../options/index.ts";
import type { GraphBuilder, Value } from "../onnx/index.ts";
import type { Random } from "../tensor/index.ts";
import type { Classifier } from "./classifier.ts";
import { imageModel } from "./image-model.ts";
import { batchNormalization, convolution, globalAveragePool, linear, relu } from "./layers.ts";
import { type WidthOptions, wideModelOptions } from "./model-options.ts";

export const resnet18Options = wideModelOptions([3, 32, 32], 64);

/**
 * ResNet-18 for small images: a 3×3 convolution at full size, then four stages of two basic blocks with `width` (64),
 * twice, four and eight times as many channels; each stage but the first halves the image. 11,173,962 parameters at
 * width 64 for 3×32×32 and 10 classes. H and W must be at least 8.
 *
 * Source: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, with the stem that is usual
 * for CIFAR (no 7×7 convolution, no pooling) and 1×1 convolutions as shortcuts where the shape changes.
 */
export function resnet18(options: WidthOptions = {}): Classifier {
  const { width } = withDefaults("resnet18", resnet18Options, options);
  const plan = { name: "resnet18", title: "ResNet-18", table: resnet18Options, leastSize: 8 } as const;
  return imageModel(plan, options, ({ g, rng, classes }, images) => {
    let x = convolution(g, images, {
      name: "conv1",
      rng,
      channels: width,
      kernel: 3,
      padding: 1,
      bias: false,
    });
    x = relu(g, batchNormalization(g, x, "bn1"));
    for (let stage = 1; stage <= 4; stage++) {
      const channels = width * 2 ** (stage - 1);
      const name = `layer${stage}`;
      x = basicBlock(g, x, { name: `${name}.0`, rng, channels, stride: stage === 1 ? 1 : 2 });
      x = basicBlock(g, x, { name: `${name}.1`, rng, channels, stride: 1 });
    }
    return linear(g, globalAveragePool(g, x), { name: "linear", rng, features: classes });
  });
}

interface BlockOptions {
  name: string;
  rng: Random;
  channels: number;
  stride: number;
}

/** Two 3×3 convolutions, the first with the stride, and x itself or a 1×1 convolution of it added to them. */
function basicBlock(g: GraphBuilder, x: Value, { name, rng, channels, stride }: BlockOptions): Value {
  const three = { rng, channels, kernel: 3, padding: 1, bias: false };
  let y = convolution(g, x, { ...three, name: `${name}.conv1`, stride });
  y = relu(g, batchNormalization(g, y, `${name}.bn1`));
  y = convolution(g, y, { ...three, name: `${name}.conv2` });
  y = batchNormalization(g, y, `${name}.bn2`);
  let shortcut = x;
  if (stride !== 1 || x.shape[1] !== channels) {
    const one = { name: `${name}.shortcut.0`, rng, channels, kernel: 1, stride, bias: false };
    shortcut = batchNormalization(g, convolution(g, x, one), `${name}.shortcut.1`);
  }
  return relu(g, g.add(y, shortcut));
}
