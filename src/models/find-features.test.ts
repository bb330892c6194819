import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { greyClassifier } from "../../test/small-classifier.ts";
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { float32 } from "../tensor/index.ts";
import { type Classifier, buildClassifier, findFeatures, importClassifier, models } from "./index.ts";
import { loadClassifier } from "../api/index.ts";
import { modelOf } from "../onnx/index.ts";

const weight = (g: GraphBuilder, name: string, shape: readonly number[]) =>
  g.initializer(name, float32(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.1)));

/** Of images [N, 3, 8, 8] whose map after one layer is "map" [N, 5, 4, 4]; the end is each row's own. */
const ending = (end: (g: GraphBuilder, map: Value) => Value): Classifier =>
  importClassifier(
    modelOf(
      buildClassifier("ends", [3, 8, 8], (g, x) => {
        const conv = g.op1("Conv", [x, weight(g, "stem", [5, 3, 2, 2])], { strides: [2, 2] });
        const [map] = g.op("Relu", [conv], {}, { outputs: ["map"] });
        return end(g, map);
      }).graph,
    ),
  );

const named = (g: GraphBuilder, name: string, opType: string, inputs: Value[], attributes = {}): Value =>
  g.op(opType, inputs, attributes, { outputs: [name] })[0];
const pooled = (g: GraphBuilder, map: Value) => named(g, "pooled", "GlobalAveragePool", [map]);
const flat = (g: GraphBuilder, x: Value) => named(g, "flat", "Flatten", [x], { axis: 1 });
const dense = (g: GraphBuilder, x: Value, units = 4) => g.matMul(x, weight(g, "dense", [x.shape[1], units]));
const pointwise = (g: GraphBuilder, x: Value) =>
  g.op1("Conv", [x, weight(g, "point", [4, x.shape[1], 1, 1])]);
const softmax = (g: GraphBuilder, z: Value) => g.op1("Softmax", [z], { axis: 1 });
const tokens = (g: GraphBuilder, map: Value) =>
  named(g, "tokens", "Transpose", [g.op1("Reshape", [map, g.ints([0, 5, 16])])], { perm: [0, 2, 1] });

type End = (g: GraphBuilder, map: Value) => Value;

type Row = readonly [what: string, end: End, tensor: string, size: number, axis: number | null];
const ends: readonly Row[] = [
  ["GlobalAveragePool, Flatten, MatMul", (g, m) => dense(g, flat(g, pooled(g, m))), "flat", 5, null],
  ["… Softmax", (g, m) => softmax(g, dense(g, flat(g, pooled(g, m)))), "flat", 5, null],
  [
    "ReduceMean, Gemm",
    (g, m) =>
      g.op1(
        "Gemm",
        [named(g, "mean", "ReduceMean", [m, g.ints([2, 3])], { keepdims: 0 }), weight(g, "d", [4, 5])],
        { transB: 1 },
      ),
    "mean",
    5,
    null,
  ],
  [
    "Reshape, MatMul",
    (g, m) => dense(g, named(g, "row", "Reshape", [pooled(g, m), g.ints([-1, 5])])),
    "row",
    5,
    null,
  ],
  [
    "Squeeze, MatMul",
    (g, m) => dense(g, named(g, "row", "Squeeze", [pooled(g, m), g.ints([2, 3])])),
    "row",
    5,
    null,
  ],
  ["no pooling: Flatten, MatMul", (g, m) => dense(g, flat(g, m)), "flat", 80, null],
  [
    "Dropout before the layer",
    (g, m) => dense(g, g.op1("Dropout", [flat(g, pooled(g, m))])),
    "flat",
    5,
    null,
  ],
  ["a 1×1 convolution of the pooled", (g, m) => flat(g, pointwise(g, pooled(g, m))), "pooled", 5, null],
  [
    "a 1×1 convolution, then pooling",
    (g, m) => flat(g, g.op1("GlobalAveragePool", [g.op1("Relu", [pointwise(g, m)])])),
    "map",
    5,
    1,
  ],
  [
    "a layer at each token, then their mean",
    (g, m) =>
      g.op1("ReduceMean", [g.matMul(tokens(g, m), weight(g, "d", [5, 4])), g.ints([1])], { keepdims: 0 }),
    "tokens",
    5,
    2,
  ],
  [
    "the class token",
    (g, m) =>
      dense(
        g,
        named(
          g,
          "class",
          "Gather",
          [tokens(g, m), g.constant({ dtype: "int64", shape: [], data: BigInt64Array.of(0n) })],
          { axis: 1 },
        ),
      ),
    "class",
    5,
    null,
  ],
  [
    "logits that are scaled, shifted and normalised",
    (g, m) => {
      const z = g.mul(dense(g, flat(g, pooled(g, m))), g.scalar(3));
      return g.div(z, g.op1("ReduceL2", [z, g.ints([1])], { keepdims: 1 }));
    },
    "flat",
    5,
    null,
  ],
  [
    "two hidden layers",
    (g, m) => g.matMul(named(g, "hidden", "Relu", [dense(g, flat(g, m), 7)]), weight(g, "d2", [7, 4])),
    "hidden",
    7,
    null,
  ],
];

test.each(ends)("%s", (_, end, tensor, size, axis) => {
  expect(findFeatures(ending(end))).toEqual({ tensor, size, axis });
});

test("a depthwise layer behind the last one is none", () => {
  const end: End = (g, m) =>
    flat(g, g.op1("Conv", [pointwise(g, pooled(g, m)), weight(g, "each", [4, 1, 1, 1])], { group: 4 }));
  expect(findFeatures(ending(end)).tensor).toBe("pooled");
});

test.each(Object.keys(models) as (keyof typeof models)[])("of %s: what its last layer takes", (name) => {
  const sizes = { lenet: 84, cifarLenet: 84, cifarCnn: 64, resnet18: 512, vgg: 256, mobileNet: 128 };
  const classifier = models[name]({ shape: [3, 32, 32], classes: 4, seed: 0 });
  const { size, tensor } = findFeatures(classifier);
  expect(size).toBe(sizes[name]);
  const last = classifier.graph.nodes.find(({ outputs }) => outputs[0] === classifier.logits)!;
  expect(last.inputs[0]).toBe(tensor);
});

const fixture = (path: string) => loadClassifier(join(import.meta.dirname, "../../test/fixtures", path));

test.each([
  ["hugging-face/vit/model.onnx", "/model/Gather_output_0", 8],
  ["keras/mobilenet-v2.keras", "global_average_pooling2d", 8],
  ["keras/nested.keras2.h5", "global_average_pooling2d", 6],
  ["keras-exports/plain-jax.onnx", "v_1", 4],
  ["zoo/cosine-classifier-plain-opset17.onnx", "/Div_output_0", 12],
  ["zoo/timm-repvit-folded-opset17.onnx", "/ReduceMean_output_0", 16],
  ["zoo/tv-squeezenet-plain-opset17.onnx", "/features/features.6/Concat_output_0", 32],
])("of %s", async (path, tensor, size) => {
  expect(findFeatures(await fixture(path))).toMatchObject({ tensor, size });
});

describe("hidden layers of an old head", () => {
  const hidden = (g: GraphBuilder, x: Value, units: number, name: string) =>
    named(g, name, "Relu", [
      g.op1("Gemm", [
        x,
        weight(g, `${name}.weight`, [x.shape[1], units]),
        weight(g, `${name}.bias`, [units]),
      ]),
    ]);

  test.each<[string, End, string, number]>([
    [
      "that narrow the pooled row are left out",
      (g, m) => dense(g, hidden(g, flat(g, pooled(g, m)), 4, "old")),
      "flat",
      5,
    ],
    [
      "are left out together",
      (g, m) => dense(g, hidden(g, hidden(g, flat(g, pooled(g, m)), 4, "first"), 3, "second")),
      "flat",
      5,
    ],
    [
      "that widen it are the network's",
      (g, m) => dense(g, hidden(g, flat(g, pooled(g, m)), 9, "wide")),
      "wide",
      9,
    ],
    [
      "behind a wide one are left out alone",
      (g, m) => dense(g, hidden(g, hidden(g, flat(g, pooled(g, m)), 9, "wide"), 3, "old")),
      "wide",
      9,
    ],
    [
      "behind a whole map are the network's",
      (g, m) => dense(g, hidden(g, flat(g, m), 6, "inner")),
      "inner",
      6,
    ],
  ])("%s", (_, end, tensor, size) => {
    expect(findFeatures(ending(end))).toEqual({ tensor, size, axis: null });
  });
});

describe("what is not found is refused with the candidates:", () => {
  test("an ensemble", async () => {
    const ensemble = await fixture("zoo/ensemble-plain-opset17.onnx");
    expect(() => findFeatures(ensemble)).toThrow(
      /made by 2 layers of different inputs .*features, --features\), such as "\/members\.1\/members\.1\.1\/Flatten_output_0" \[N, 128\]/,
    );
  });

  test("no layer at all", () => {
    const bare = buildClassifier("bare", [3, 8, 8], (g, x) => flat(g, pooled(g, x)));
    expect(() => findFeatures(bare)).toThrow(/no layer with weights comes before its logits/);
  });
});

describe("a tensor by name", () => {
  test("is taken, wherever it is", () => {
    const classifier = ending((g, m) => dense(g, flat(g, pooled(g, m))));
    expect(findFeatures(classifier, "map")).toEqual({ tensor: "map", size: 5, axis: 1 });
  });

  test("tokens have their features last", () => {
    const classifier = ending((g, m) => dense(g, flat(g, g.op1("ReduceMean", [tokens(g, m), g.ints([1])]))));
    expect(findFeatures(classifier, "tokens")).toEqual({ tensor: "tokens", size: 5, axis: 2 });
  });

  test("that is not there is refused, with the nearest", () => {
    const classifier = ending((g, m) => dense(g, flat(g, pooled(g, m))));
    expect(() => findFeatures(classifier, "poled")).toThrow(/no tensor "poled" .*Did you mean "pooled"\?/);
    expect(() => findFeatures(greyClassifier(), "w")).toThrow(/no tensor "w" of its images/);
    expect(() => findFeatures(greyClassifier(), "images")).toThrow(/no tensor "images"/);
  });

  test("without the batch in front is refused with its shape", () => {
    const classifier = ending((g, m) =>
      dense(g, g.transpose(named(g, "turned", "Transpose", [flat(g, m)], { perm: [1, 0] }), [1, 0])),
    );
    expect(() => findFeatures(classifier, "turned")).toThrow(
      /"turned" holds no features .*\[80, 2\] for 2 images/,
    );
  });
});
