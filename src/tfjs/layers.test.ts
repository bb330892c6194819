import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import {
  convertedLogits,
  imagesFor,
  ourGradients,
  randomizeWeights,
  tensorflowGradients,
  tensorflowSlopes,
  useCpuBackend,
  valuesOf,
} from "../../test/tfjs-model.ts";
import { isAugmentation, layersOf } from "../keras/index.ts";

beforeAll(useCpuBackend);

const { layers } = tf;
type Symbolic = tf.SymbolicTensor;
type Body = (x: Symbolic) => Symbolic;

const apply = (layer: tf.layers.Layer, x: Symbolic | Symbolic[]): Symbolic => layer.apply(x) as Symbolic;
const chain =
  (...parts: (() => tf.layers.Layer)[]): Body =>
  (x) =>
    parts.reduce((y, part) => apply(part(), y), x);

/** [7, 9, 3] -> convolution -> body -> 4 logits: gradients go through the body, and the order of elements counts. */
function modelOf(body: Body): tf.LayersModel {
  const input = tf.input({ shape: [7, 9, 3] });
  let x = body(apply(layers.conv2d({ filters: 3, kernelSize: 2, padding: "same", name: "stem" }), input));
  if (x.shape.length > 2) x = apply(layers.flatten(), x);
  return tf.model({ inputs: input, outputs: apply(layers.dense({ units: 4, name: "head" }), x) });
}

const conv = (args: Partial<Parameters<typeof layers.conv2d>[0]>) => () =>
  layers.conv2d({ filters: 4, kernelSize: 3, ...args });
const sequence = () => layers.reshape({ targetShape: [21, 9] });
const dense = (activation: string) => () => layers.dense({ units: 5, activation: activation as "relu" });

/**
 * The kind of layer that each case is about, what it looks at, the layers; and why TensorFlow.js's own gradient cannot
 * be the reference, where that is so: its loss, differentiated by central differences, is one then.
 */
const cases: [kind: string, what: string, body: Body, noGradient?: string][] = [
  ["Conv2D", "valid", chain(conv({}))],
  ["Conv2D", "same, even kernel", chain(conv({ kernelSize: [2, 4], padding: "same" }))],
  ["Conv2D", "same, strides", chain(conv({ strides: [2, 3], padding: "same", activation: "relu" }))],
  ["Conv2D", "valid, strides, no bias", chain(conv({ strides: 2, useBias: false }))],
  [
    "Conv2D",
    "dilation",
    chain(conv({ dilationRate: [2, 1], padding: "same", activation: "softmax" })),
    "it has none for dilations",
  ],
  ["DepthwiseConv2D", "valid", chain(() => layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 }))],
  [
    "DepthwiseConv2D",
    "same, strides",
    chain(() =>
      layers.depthwiseConv2d({
        kernelSize: [2, 3],
        strides: [2, 2],
        padding: "same",
        useBias: false,
        activation: "tanh",
      }),
    ),
  ],
  [
    "SeparableConv2D",
    "multiplier, strides",
    chain(() =>
      layers.separableConv2d({ filters: 5, kernelSize: 3, depthMultiplier: 2, strides: 2, padding: "same" }),
    ),
  ],
  [
    "SeparableConv2D",
    "dilation, no bias",
    chain(() =>
      layers.separableConv2d({
        filters: 2,
        kernelSize: 2,
        dilationRate: 2,
        useBias: false,
        activation: "relu",
      }),
    ),
    "it has none for dilations",
  ],
  [
    "Conv1D",
    "same, strides",
    chain(sequence, () => layers.conv1d({ filters: 4, kernelSize: 4, strides: 2, padding: "same" })),
  ],
  [
    "Conv1D",
    "dilation",
    chain(sequence, () => layers.conv1d({ filters: 4, kernelSize: 3, dilationRate: 3, activation: "tanh" })),
    "it has none for dilations",
  ],
  ["MaxPooling2D", "valid, odd sizes", chain(() => layers.maxPooling2d({ poolSize: 2 }))],
  [
    "MaxPooling2D",
    "same, overlapping",
    chain(() => layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" })),
  ],
  ["AveragePooling2D", "valid", chain(() => layers.averagePooling2d({ poolSize: [2, 3], strides: [1, 2] }))],
  [
    "AveragePooling2D",
    "same leaves padding out",
    chain(() => layers.averagePooling2d({ poolSize: [2, 4], strides: [2, 3], padding: "same" })),
    "it divides by the whole window at the edge too",
  ],
  [
    "MaxPooling1D",
    "same",
    chain(sequence, () => layers.maxPooling1d({ poolSize: 2, strides: 2, padding: "same" })),
  ],
  [
    "AveragePooling1D",
    "same",
    chain(sequence, () => layers.averagePooling1d({ poolSize: 3, strides: 2, padding: "same" })),
    "it divides by the whole window at the edge too",
  ],
  ["GlobalMaxPooling2D", "", chain(() => layers.globalMaxPooling2d({}))],
  ["GlobalAveragePooling2D", "", chain(() => layers.globalAveragePooling2d({}))],
  ["GlobalMaxPooling1D", "", chain(sequence, () => layers.globalMaxPooling1d({}))],
  ["GlobalAveragePooling1D", "", chain(sequence, () => layers.globalAveragePooling1d({}))],
  ["BatchNormalization", "images", chain(() => layers.batchNormalization({}))],
  [
    "BatchNormalization",
    "vectors, no scale",
    chain(
      () => layers.flatten(),
      dense("relu"),
      () => layers.batchNormalization({ scale: false, epsilon: 0.1 }),
    ),
    "it fails without scale or center",
  ],
  [
    "BatchNormalization",
    "sequences, no center",
    chain(sequence, () => layers.batchNormalization({ center: false })),
    "it fails without scale or center",
  ],
  ["LayerNormalization", "channels", chain(() => layers.layerNormalization({}))],
  ["LayerNormalization", "all axes", chain(() => layers.layerNormalization({ axis: [1, 2, 3] }))],
  [
    "LayerNormalization",
    "vectors, no scale",
    chain(
      () => layers.flatten(),
      () => layers.layerNormalization({ scale: false, center: false }),
    ),
    "it fails without scale or center",
  ],
  ["Dropout", "is off", chain(() => layers.dropout({ rate: 0.5 }))],
  ["GaussianNoise", "is off", chain(() => layers.gaussianNoise({ stddev: 1 }))],
  ["GaussianDropout", "is off", chain(() => layers.gaussianDropout({ rate: 0.5 }))],
  ["AlphaDropout", "is off", chain(() => layers.alphaDropout({ rate: 0.5 }))],
  ["SpatialDropout1D", "is off", chain(sequence, () => layers.spatialDropout1d({ rate: 0.5 }))],
  ["Dense", "on channels", chain(dense("relu"))],
  ["Dense", "on sequences, no bias", chain(sequence, () => layers.dense({ units: 4, useBias: false }))],
  ["Flatten", "", chain(() => layers.flatten())],
  [
    "Reshape",
    "with an unknown length",
    chain(
      () => layers.reshape({ targetShape: [3, -1, 7] }),
      conv({ kernelSize: 2 }),
      () => layers.globalMaxPooling2d({}),
    ),
  ],
  [
    "Reshape",
    "of vectors",
    chain(
      () => layers.flatten(),
      () => layers.reshape({ targetShape: [9, 7, 3] }),
      conv({}),
    ),
  ],
  ["Permute", "", chain(() => layers.permute({ dims: [3, 1, 2] }), conv({ kernelSize: 2 }))],
  [
    "ZeroPadding2D",
    "",
    chain(
      () =>
        layers.zeroPadding2d({
          padding: [
            [0, 2],
            [1, 0],
          ],
        }),
      conv({}),
    ),
  ],
  [
    "Cropping2D",
    "",
    chain(() =>
      layers.cropping2D({
        cropping: [
          [1, 2],
          [0, 3],
        ],
      }),
    ),
  ],
  [
    "UpSampling2D",
    "",
    chain(() => layers.upSampling2d({ size: [2, 3] }), conv({})),
    "it is wrong for all images but the first",
  ],
  ["Rescaling", "", chain(() => layers.rescaling({ scale: 2, offset: -1 }))],
  [
    "Add",
    "",
    (x) =>
      apply(
        layers.add(),
        [
          apply(conv({ padding: "same" })(), x),
          apply(dense("tanh")(), apply(layers.dense({ units: 4 }), x)),
        ].map((y, i) => (i ? apply(layers.dense({ units: 4 }), y) : y)),
      ),
  ],
  [
    "Multiply",
    "broadcasting a gate",
    (x) =>
      apply(layers.multiply(), [
        x,
        apply(layers.reshape({ targetShape: [1, 1, 3] }), apply(layers.globalAveragePooling2d({}), x)),
      ]),
  ],
  ["Average", "", (x) => apply(layers.average(), [x, apply(conv({ filters: 3, padding: "same" })(), x), x])],
  ["Maximum", "", (x) => apply(layers.maximum(), [x, apply(conv({ filters: 3, padding: "same" })(), x)])],
  ["Minimum", "", (x) => apply(layers.minimum(), [x, apply(conv({ filters: 3, padding: "same" })(), x)])],
  ["Concatenate", "channels", (x) => apply(layers.concatenate(), [x, apply(conv({ padding: "same" })(), x)])],
  [
    "Concatenate",
    "rows",
    (x) => apply(layers.concatenate({ axis: 1 }), [x, apply(conv({ filters: 3, padding: "same" })(), x)]),
  ],
  ["ReLU", "", chain(conv({}), () => layers.reLU())],
  ["ReLU", "with a maximum", chain(conv({}), () => layers.reLU({ maxValue: 0.5 }))],
  ["LeakyReLU", "", chain(conv({}), () => layers.leakyReLU({ alpha: 0.2 }))],
  ["ELU", "", chain(conv({}), () => layers.elu())],
  [
    "ThresholdedReLU",
    "",
    chain(conv({ filters: 1, strides: 3 }), () => layers.thresholdedReLU({ theta: 0.3 })),
    "it has none",
  ],
  ["PReLU", "a slope for each element", chain(conv({}), () => layers.prelu({}))],
  ["PReLU", "shared over places", chain(conv({}), () => layers.prelu({ sharedAxes: [1, 2] }))],
  [
    "PReLU",
    "of sequences",
    chain(
      sequence,
      () => layers.conv1d({ filters: 2, kernelSize: 3 }),
      () => layers.prelu({}),
    ),
  ],
  ["Softmax", "channels", chain(conv({}), () => layers.softmax({ axis: -1 }))],
  ...[
    "linear",
    "relu",
    "relu6",
    "elu",
    "selu",
    "sigmoid",
    "hardSigmoid",
    "softplus",
    "softsign",
    "tanh",
    "softmax",
    "logSoftmax",
    "swish",
    "mish",
    "gelu",
    "gelu_new",
  ].map((name): [string, string, Body] => [
    "Activation",
    name,
    chain(conv({}), () => layers.activation({ activation: name as "relu" })),
  ]),
];

const LABELS = [0, 3, 1];
const largestOf = (values: Iterable<number>): number => Math.max(...Array.from(values, Math.abs));

test.each(cases)(
  "%s, %s: logits and gradients of all weights as in TensorFlow.js",
  async (kind, _, body, noGradient) => {
    const model = modelOf(body);
    randomizeWeights(model);
    const images = imagesFor(model, LABELS.length);
    const expected = await valuesOf(model.predict(images) as tf.Tensor);
    expect(layersOf("tfjs")).toContain(kind);
    expect(largestOf(expected)).toBeGreaterThan(0.1);
    expect(await convertedLogits(model, images)).toBeAllClose(expected, { atol: 1e-5, rtol: 1e-5 });

    const gradients = await ourGradients(model, images, LABELS);
    if (noGradient === undefined) {
      const wanted = await tensorflowGradients(model, images, LABELS);
      expect([...gradients.keys()].sort()).toEqual([...wanted.keys()].sort());
      for (const [name, values] of wanted) {
        const largest = largestOf(values);
        expect(largest, name).toBeGreaterThan(1e-5);
        expect(gradients.get(name)!, name).toBeAllClose(values, { atol: 1e-4 * largest });
      }
    } else {
      const wanted = await tensorflowSlopes(model, images, LABELS, { step: 1e-2, entries: 12 });
      expect([...gradients.keys()].sort()).toEqual([...wanted.keys()].sort());
      for (const [name, slopes] of wanted) {
        const found = gradients.get(name)!;
        // float32: a step of 1e-2 leaves 1e-5 of rounding and as much of curvature
        expect(
          slopes.map(({ at }) => found[at]),
          name,
        ).toBeAllClose(
          slopes.map(({ slope }) => slope),
          { atol: 5e-3 * largestOf(found) + 1e-4 },
        );
      }
    }
  },
);

test("every kind of layer that TensorFlow.js has has a case, but for augmentation", () => {
  const known = tf.serialization.SerializationMap.getMap().classNameMap;
  const kinds = layersOf("tfjs").filter((kind) => kind in known && !isAugmentation(kind));
  expect(kinds.filter((kind) => !cases.some(([name]) => name === kind))).toEqual([]);
});
