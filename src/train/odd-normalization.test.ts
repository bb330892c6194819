/** BatchNormalization in the forms that modules other than a plain BatchNorm2d export. */
import { expect, test } from "vitest";
import { fit } from "../api/index.ts";
import type { FitOptions } from "../api/index.ts";
import { type Dataset, datasetFromArrays } from "../data/index.ts";
import { type Classifier, buildClassifier } from "../models/index.ts";
import { type GraphBuilder, type Value, float } from "../onnx/index.ts";
import { bufferNames, frozenStatistics } from "../parameters/index.ts";
import { type Tensor, float32, numbersOf, random, sizeOf } from "../tensor/index.ts";
import { batchOnlyNormalizations, evaluationForm, isTrainingForm } from "./evaluation-form.ts";

const noise = (shape: readonly number[], seed = 0) => {
  const rng = random(seed, "noise");
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
  );
};
const filled = (shape: readonly number[], value: number): Tensor =>
  float32(shape, new Float32Array(sizeOf(shape)).fill(value));

function images(count: number): Dataset {
  const rng = random(0, "pixels");
  return datasetFromArrays({
    name: "noise",
    shape: [1, 2, 2],
    pixels: Uint8Array.from({ length: 4 * count }, () => rng.integer(256)),
    labels: Array.from({ length: count }, (_, i) => i % 2),
    classNames: ["a", "b"],
  });
}

const base: FitOptions = {
  method: "base",
  threads: 1,
  epochs: 1,
  batchSize: 4,
  optimizer: "sgd",
  learningRate: 0.1,
  onNote: () => undefined,
};

interface Options {
  readonly affine?: boolean;
  readonly momentum?: number;
  readonly calls?: number;
}

/** A product, BatchNormalization on [N, 3], and a product. */
const net = ({ affine = true, momentum = 0.9, calls = 1 }: Options = {}): Classifier =>
  buildClassifier("normalized", [1, 2, 2], (g, pixels) => {
    let x = g.matMul(g.reshape(pixels, [-1, 4]), g.initializer("body.weight", noise([4, 3])));
    const prefix = affine ? "norm." : "/norm/Constant_";
    const four = [
      g.initializer(`${prefix}weight`, filled([3], 1)),
      g.initializer(`${prefix}bias`, filled([3], 0)),
      g.initializer("norm.running_mean", filled([3], 0.2)),
      g.initializer("norm.running_var", filled([3], 0.3)),
    ];
    for (let call = 0; call < calls; call++) {
      x = g.op1("BatchNormalization", [x, ...four], { momentum: float(momentum) }, { name: `norm${call}` });
    }
    return g.matMul(x, g.initializer("head.weight", noise([3, 2], 1)));
  });

const statistic = ({ graph }: Classifier, name = "norm.running_var") =>
  numbersOf(graph.initializers.get(name)!);

test("a last batch of one image moves no statistics, as PyTorch refuses it", async () => {
  // Four images make one step; the fifth is a batch of its own.
  const four = await fit(net(), images(4), base);
  const five = await fit(net(), images(5), base);
  const variance = statistic(five.model);
  expect(variance.every((v) => v > 0.2)).toBe(true);
  expect(statistic(four.model).every((v) => v !== Math.fround(0.3))).toBe(true);
  const alone = await fit(net(), images(1), base);
  expect(statistic(alone.model)).toEqual(statistic(net()));
  // One by one nothing moves at all, and what was trained is not what is tested.
  const still = /running statistics did not move \(norm\.running_var\)/;
  expect((await fit(net(), images(5), { ...base, batchSize: 1 })).notes.join("\n")).toMatch(still);
  expect(five.notes.join("\n")).not.toMatch(still);
});

test("without scale and bias, statistics stay where nothing that trains comes before them", async () => {
  const model = net({ affine: false });
  const { model: head } = await fit(model, images(8), { ...base, trainable: { last: 1 } });
  expect(statistic(head)).toEqual(statistic(model));
  const { model: whole } = await fit(model, images(8), base);
  expect(statistic(whole)).not.toEqual(statistic(model));
  // The body trains: what it makes changes, and the statistics follow.
  expect(frozenStatistics(model.graph, ["body.weight"]).size).toBe(0);
  expect(frozenStatistics(model.graph, ["head.weight"])).toEqual(new Set(["norm.running_var"]));
});

test("momentum 1, as momentum=None is written, is refused where statistics should move, and named", async () => {
  await expect(fit(net({ momentum: 1 }), images(8), base)).rejects.toThrow(
    /momentum 1 \(BatchNormalization 1×: "norm0"\).*give the layers a momentum/s,
  );
  await fit(net({ momentum: 1 }), images(8), { ...base, trainable: ["head.*"] });
});

test("a layer that is called twice moves its one pair of statistics twice", async () => {
  const once = await fit(net(), images(4), { ...base, learningRate: 0 });
  const twice = await fit(net({ calls: 2 }), images(4), { ...base, learningRate: 0 });
  expect(bufferNames(twice.model.graph)).toEqual(["norm.running_mean", "norm.running_var"]);
  // The second call sees normalized values: mean 0, unbiased variance 4/3 (but for ε).
  const [mean, second] = [
    statistic(once.model, "norm.running_mean"),
    statistic(twice.model, "norm.running_mean"),
  ];
  expect(second).toBeAllClose(
    mean.map((m) => 0.9 * m),
    { atol: 1e-6 },
  );
  const [variance, after] = [statistic(once.model), statistic(twice.model)];
  expect(after).toBeAllClose(
    variance.map((v) => 0.9 * v + 0.1 * (4 / 3)),
    { atol: 1e-3 },
  );
});

/** A product by a weight that is standardized: BatchNormalization of [1, 3, 4] weights, in training mode as PyTorch writes it. */
const standardized = (body: (g: GraphBuilder, w: Value) => Value): Classifier =>
  buildClassifier("standardized", [1, 2, 2], (g, pixels) => {
    const weight = g.reshape(g.initializer("body.weight", noise([3, 4])), [1, 3, 4]);
    const x = g.matMul(g.reshape(pixels, [-1, 4]), g.transpose(g.reshape(body(g, weight), [3, 4]), [1, 0]));
    return g.matMul(x, g.initializer("head.weight", noise([3, 2], 1)));
  });

test("weights that BatchNormalization standardizes train, and the trained file still standardizes them", async () => {
  const model = standardized((g, w) => {
    const ones = g.initializer("/Constant_1", filled([3], 1));
    const zeros = g.initializer("/Constant_2", filled([3], 0));
    const mean = g.mean(w, [0, 2]);
    const attributes = { training_mode: 1, epsilon: float(1e-5), momentum: float(1) };
    return g.op("BatchNormalization", [w, ones, zeros, mean, mean], attributes, { outputs: 3 })[0];
  });
  const byHand = standardized((g, w) => {
    const centred = g.sub(w, g.mean(w, [2], { keep: true }));
    const variance = g.mean(g.mul(centred, centred), [2], { keep: true });
    return g.div(centred, g.sqrt(g.add(variance, g.scalar(1e-5))));
  });
  const [got, want] = await Promise.all(
    [model, byHand].map((m) => fit(m, images(8), { ...base, epochs: 3 })),
  );
  for (const name of ["body.weight", "head.weight"]) {
    const expected = want.model.graph.initializers.get(name)!;
    expect(got.model.graph.initializers.get(name)!.data).toBeAllClose(numbersOf(expected), { atol: 1e-5 });
  }
  const node = got.model.graph.nodes.find(({ opType }) => opType === "BatchNormalization")!;
  expect(node.attributes.training_mode).toBe(1);
  expect(isTrainingForm(model.graph)).toBe(false);
  expect(bufferNames(model.graph)).toEqual([]);
});

test("a normalization that knows nothing but its batch is refused, and stays what it is in evaluation", async () => {
  const model = buildClassifier("stateless", [1, 2, 2], (g, pixels) => {
    const x = g.matMul(g.reshape(pixels, [-1, 4]), g.initializer("body.weight", noise([4, 3])));
    const affine = [g.initializer("norm.weight", filled([3], 1)), g.initializer("norm.bias", filled([3], 0))];
    const mean = g.mean(x, [0]);
    return g.op("BatchNormalization", [x, ...affine, mean, mean], { training_mode: 1 }, { outputs: 3 })[0];
  });
  await expect(fit(model, images(8), base)).rejects.toThrow(/normalises by the batch in evaluation too/);
  expect(batchOnlyNormalizations(model.graph)).toHaveLength(1);
  expect(evaluationForm(model.graph).nodes).toEqual(model.graph.nodes);
});
