/** A run of seconds: three classes of grey level, and small nets to tell them apart. */
import type { FitOptions } from "../src/api/index.ts";
import { rotation } from "../src/augment/index.ts";
import { type Dataset, datasetFromArrays } from "../src/data/index.ts";
import { type Classifier, buildClassifier } from "../src/models/index.ts";
import { type Shape, float32, random, sizeOf } from "../src/tensor/index.ts";

export const CLASSES = 3;

/** Random 8×8 images, the mean grey level of which tells the class. */
export function greyLevels(count: number, seed = 1): Dataset {
  const rng = random(seed, "grey levels");
  const labels = Array.from({ length: count }, () => rng.integer(CLASSES));
  return datasetFromArrays({
    name: "grey levels",
    shape: [1, 8, 8],
    pixels: labels.flatMap((label) => Array.from({ length: 64 }, () => 80 * label + rng.integer(90))),
    labels,
    classNames: ["dark", "grey", "light"],
  });
}

/** Convolution, batch normalization, dropout: everything that a resumed run must carry over. */
export function smallNet(seed = 0): Classifier {
  const rng = random(seed, "small net");
  const normal = (shape: Shape, scale: number) =>
    float32(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => scale * rng.normal()),
    );
  const full = (shape: Shape, value: number) => float32(shape, new Float32Array(sizeOf(shape)).fill(value));
  return buildClassifier("small", [1, 8, 8], (g, images) => {
    let x = g.op1("Conv", [images, g.initializer("conv.weight", normal([4, 1, 3, 3], 0.3))], {
      kernel_shape: [3, 3],
      pads: [1, 1, 1, 1],
    });
    x = g.op1("BatchNormalization", [
      x,
      g.initializer("bn.scale", full([4], 1)),
      g.initializer("bn.bias", full([4], 0)),
      g.initializer("bn.mean", full([4], 0)),
      g.initializer("bn.var", full([4], 1)),
    ]);
    x = g.op1("MaxPool", [g.op1("Relu", [x])], { kernel_shape: [4, 4], strides: [4, 4] });
    x = g.op1("Dropout", [g.op1("Flatten", [x], { axis: 1 }), g.scalar(0.25)]);
    const weight = g.initializer("fc.weight", normal([16, CLASSES], 0.3));
    return g.add(g.matMul(x, weight), g.initializer("fc.bias", full([CLASSES], 0)));
  });
}

/** Two layers with nothing between them that would hold the activations of a diverging run in range. */
export const twoLayers = (): Classifier =>
  buildClassifier("two layers", [1, 8, 8], (g, images) => {
    const rng = random(0, "two layers");
    const weight = (name: string, shape: Shape) =>
      g.initializer(
        name,
        float32(
          shape,
          Float32Array.from({ length: sizeOf(shape) }, () => 0.2 * rng.normal()),
        ),
      );
    const hidden = g.matMul(g.op1("Flatten", [images], { axis: 1 }), weight("w1", [64, 8]));
    return g.matMul(hidden, weight("w2", [8, CLASSES]));
  });

export const weightsOf = ({ graph }: Classifier) =>
  Object.fromEntries([...graph.initializers].map(([name, { data }]) => [name, data]));

export const data = greyLevels(42);
export const options: FitOptions = {
  transforms: rotation({ degrees: [45, 90] }),
  epochs: 1,
  batchSize: 16,
  stepsPerLine: 2,
};
