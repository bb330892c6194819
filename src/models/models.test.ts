import { describe, expect, test } from "vitest";
import { modelOf, readModel, writeModel } from "../onnx/index.ts";
import { createSession } from "../runtime/index.ts";
import { UsageError, float32, random, sizeOf } from "../tensor/index.ts";
import { trainableNames } from "../parameters/index.ts";
import { type Classifier, buildClassifier, lenet, modelByName, models } from "./index.ts";

const parameters = ({ graph }: Classifier) =>
  trainableNames(graph).map((name) => ({ name, ...graph.initializers.get(name)! }));

describe("LeNet", () => {
  test("has 61,706 parameters", () => {
    expect(parameters(lenet()).reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(61_706);
  });

  test("starts with weights and biases uniform in ±1/√fan-in, as PyTorch's", () => {
    const fanIn = { conv1: 25, conv2: 150, fc1: 400, fc2: 120, fc3: 84 };
    for (const { name, data } of parameters(lenet({ seed: 5 }))) {
      const bound = 1 / Math.sqrt(fanIn[name.split(".")[0] as keyof typeof fanIn]);
      const values = Array.from(data as Float32Array);
      expect(Math.max(...values.map(Math.abs)), name).toBeLessThanOrEqual(bound);
      if (values.length < 100) continue;
      expect(Math.max(...values), name).toBeGreaterThan(0.9 * bound);
      expect(Math.min(...values), name).toBeLessThan(-0.9 * bound);
      // A uniform distribution's standard deviation is bound/√3.
      const deviation = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
      expect(deviation / (bound / Math.sqrt(3)), name).toBeGreaterThan(0.85);
      expect(deviation / (bound / Math.sqrt(3)), name).toBeLessThan(1.15);
    }
  });

  test("starts from the same weights for the same seed only", () => {
    expect(lenet({ seed: 1 })).toEqual(lenet({ seed: 1 }));
    expect(lenet()).toEqual(lenet({ seed: 0 }));
    const [a, b] = [parameters(lenet({ seed: 1 })), parameters(lenet({ seed: 2 }))];
    for (const [i, { name, data }] of a.entries()) expect(data, name).not.toEqual(b[i].data);
    const drawn = a.flatMap(({ data }) => Array.from(data as Float32Array));
    expect(new Set(drawn).size).toBeGreaterThan(0.99 * drawn.length);
  });

  test("is an ONNX file of opset 17 that ONNX Runtime runs with any batch", async () => {
    const bytes = writeModel(modelOf(lenet().graph));
    const { graph } = readModel(bytes);
    expect(graph.opsets.get("")).toBe(17);
    expect(graph.inputs).toEqual([{ name: "images", dtype: "float32", shape: ["N", 1, 28, 28] }]);
    expect(graph.outputs).toEqual([{ name: "logits", dtype: "float32", shape: ["N", 10] }]);
    const session = await createSession(bytes, { threads: 1 });
    const rng = random(0, "images");
    const images = Float32Array.from({ length: 7 * 784 }, () => rng.uniform());
    const { logits: all } = await session.run({ images: float32([7, 1, 28, 28], images) });
    expect(all.shape).toEqual([7, 10]);
    for (const [start, end] of [
      [0, 1],
      [1, 7],
    ]) {
      const part = float32([end - start, 1, 28, 28], images.slice(784 * start, 784 * end));
      const { logits } = await session.run({ images: part });
      const expected = (all.data as Float32Array).subarray(10 * start, 10 * end);
      expect(logits.data as Float32Array).toBeAllClose(expected, { atol: 1e-6 });
    }
    await session.release();
  });

  test("normalises by the mean and standard deviation that it is given", async () => {
    const logitsOf = async (classifier: Classifier, images: Float32Array) => {
      const session = await createSession(classifier.graph, { threads: 1 });
      const { logits } = await session.run({ images: float32([1, 2, 12, 12], images) });
      await session.release();
      return logits.data as Float32Array;
    };
    const size = { shape: [2, 12, 12], classes: 4 } as const;
    const rng = random(0, "images");
    const images = Float32Array.from({ length: 288 }, () => rng.uniform());
    const normalized = images.map((v, i) => (i < 144 ? (v - 0.25) / 0.5 : (v - 0.75) / 0.125));
    const given = await logitsOf(lenet({ ...size, mean: [0.25, 0.75], std: [0.5, 0.125] }), images);
    expect(given).toBeAllClose(await logitsOf(lenet({ ...size, mean: [0, 0], std: [1, 1] }), normalized), {
      atol: 1e-5,
    });
    expect(given).toHaveLength(4);
  });

  test.each([
    [{ shape: [1, 11, 28] }, /at least 12×12 pixels; got 11×28/],
    [{ shape: [3, 32, 32], mean: [0.5] }, /each of the 3 channels; got 1 and 3/],
  ] as const)("refuses %o", (options, message) => {
    expect(() => lenet(options)).toThrow(UsageError);
    expect(() => lenet(options)).toThrow(message);
  });
});

interface ZooCase {
  readonly name: keyof typeof models;
  /** Image that the model was made for, and its parameters at the default width and 10 classes. */
  readonly shape: readonly [number, number, number];
  readonly parameters: number;
  /** Least height and width of an image. */
  readonly least: number;
  /** A narrow one, for quick tests; none where the sizes are fixed. */
  readonly width?: number;
}

const zoo: readonly ZooCase[] = [
  { name: "lenet", shape: [1, 28, 28], parameters: 61_706, least: 12 },
  { name: "cifarLenet", shape: [3, 32, 32], parameters: 62_006, least: 16 },
  { name: "resnet18", shape: [3, 32, 32], parameters: 11_173_962, least: 8, width: 4 },
  { name: "cifarCnn", shape: [3, 32, 32], parameters: 122_570, least: 18, width: 8 },
  { name: "vgg", shape: [3, 32, 32], parameters: 273_962, least: 8, width: 8 },
  { name: "mobileNet", shape: [3, 32, 32], parameters: 40_810, least: 4, width: 8 },
];

test("every model is in the table of cases", () => {
  expect(zoo.map(({ name }) => name).sort()).toEqual(Object.keys(models).sort());
});

describe.each(zoo)("$name", ({ name, shape, parameters: expected, least, width }) => {
  const options = { shape: [3, 32, 24], classes: 7, seed: 3, width } as const;

  test("has its number of parameters, and takes its own shape and 10 classes by default", () => {
    const model = models[name]();
    expect(parameters(model).reduce((sum, { shape: s }) => sum + sizeOf(s), 0)).toBe(expected);
    expect(model.graph.inputs[0].shape).toEqual(["N", ...shape]);
    expect(model.graph.outputs[0].shape).toEqual(["N", 10]);
    expect(model.graph.opsets.get("")).toBe(17);
  });

  test("takes shape, classes and seed", () => {
    const { graph, input, logits } = modelByName(name, options);
    expect(graph.inputs.find((i) => i.name === input)!.shape).toEqual(["N", 3, 32, 24]);
    expect(graph.outputs.find((o) => o.name === logits)!.shape).toEqual(["N", 7]);
    expect(modelByName(name, options).graph).toEqual(graph);
    expect(modelByName(name, { ...options, seed: 4 }).graph).not.toEqual(graph);
  });

  test("starts as PyTorch would: uniform in ±1/√fan-in; BatchNormalization as the identity", () => {
    const { nodes, initializers } = modelByName(name, { ...options, width: width && 16 }).graph;
    const valuesOf = (key: string) => Array.from(initializers.get(key)!.data as Float32Array);
    for (const { opType, inputs } of nodes) {
      if (opType === "BatchNormalization") {
        const each = inputs.slice(1).map((key) => [...new Set(valuesOf(key))]);
        expect(each, inputs[1]).toEqual([[1], [0], [0], [1]]);
      }
      if (opType !== "Conv" && opType !== "Gemm") continue;
      const [weight, ...rest] = inputs.slice(1);
      const bound = Math.fround(1 / Math.sqrt(sizeOf(initializers.get(weight)!.shape.slice(1))));
      const values = valuesOf(weight);
      expect(values.length, weight).toBeGreaterThan(100);
      const [smallest, largest] = [
        values.reduce((a, b) => Math.min(a, b)),
        values.reduce((a, b) => Math.max(a, b)),
      ];
      expect(largest / bound, weight).toBeGreaterThan(0.9);
      expect(smallest / bound, weight).toBeLessThan(-0.9);
      for (const value of [smallest, largest, ...rest.flatMap(valuesOf)]) {
        expect(Math.abs(value), inputs.join()).toBeLessThanOrEqual(bound);
      }
    }
  });

  test("treats each image of a batch alone", async () => {
    const session = await createSession(writeModel(modelOf(modelByName(name, options).graph)), {
      threads: 1,
    });
    const area = 3 * 32 * 24;
    const rng = random(0, "images");
    const images = Float32Array.from({ length: 5 * area }, () => rng.uniform());
    const { logits: all } = await session.run({ images: float32([5, 3, 32, 24], images) });
    const last = float32([1, 3, 32, 24], images.slice(4 * area));
    const { logits: alone } = await session.run({ images: last });
    await session.release();
    expect(all.shape).toEqual([5, 7]);
    expect(alone.data as Float32Array).toBeAllClose((all.data as Float32Array).subarray(28), { atol: 1e-6 });
  });

  test("takes the smallest images that it says, and refuses smaller ones", () => {
    const sized = (height: number, across: number) => () =>
      modelByName(name, { ...options, shape: [3, height, across] });
    expect(sized(least, least)().graph.outputs[0].shape).toEqual(["N", 7]);
    const message = `at least ${least}×${least} pixels; got ${least}×${least - 1}. Resize them.`;
    expect(sized(least, least - 1)).toThrow(UsageError);
    expect(sized(least, least - 1)).toThrow(message);
    expect(sized(least - 1, 32)).toThrow(UsageError);
  });

  test("is as wide as it is told, or says that it has no width", () => {
    const wide = (value: number) => () => modelByName(name, { ...options, width: value });
    if (width === undefined) {
      expect(wide(8)).toThrow(`"${name}" has no width. Leave it out, or choose one of: resnet18, `);
    } else {
      const channels = [5, 10].map((value) => parameters(wide(value)())[0].shape[0]);
      expect(channels).toEqual([5, 10]);
      for (const wrong of [0, 2.5, -4]) expect(wide(wrong)).toThrow(/at least 1/);
    }
  });
});

test("modelByName tells the choices for an unknown name", () => {
  const unknown = (name: string) => () => modelByName(name, { shape: [1, 28, 28], classes: 10, seed: 0 });
  expect(unknown("alexnet")).toThrow(UsageError);
  expect(unknown("valueOf")).toThrow(Object.keys(models).join(", "));
});

test("buildClassifier makes the batch symbolic in inputs and outputs", () => {
  const { graph, input, logits } = buildClassifier("pool", [2, 4, 4], (g, images) =>
    g.op1("Flatten", [g.op1("GlobalAveragePool", [images])], { axis: 1 }),
  );
  expect({ input, logits }).toEqual({ input: "images", logits: "logits" });
  expect(graph.inputs[0].shape).toEqual(["N", 2, 4, 4]);
  expect(graph.outputs).toEqual([{ name: "logits", dtype: "float32", shape: ["N", 2] }]);
});

test("a classifier that needs the operators of opset 18 says so, and ONNX Runtime runs it", async () => {
  const pooled = buildClassifier("mean", [2, 4, 4], (g, images) => g.mean(images, [2, 3]));
  expect([pooled.graph.opsets.get(""), lenet().graph.opsets.get("")]).toEqual([18, 17]);
  const session = await createSession(writeModel(modelOf(pooled.graph)));
  const { logits } = await session.run({ images: float32([3, 2, 4, 4], new Float32Array(96).fill(2)) });
  await session.release();
  expect(Array.from(logits.data as Float32Array)).toEqual(Array<number>(6).fill(2));
});
