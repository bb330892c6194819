import { describe, expect, test } from "vitest";
import { data, greyLevels, options, smallNet, twoLayers, weightsOf } from "../../test/small-run.ts";
import { rotation } from "../augment/index.ts";
import { datasetFromArrays, take } from "../data/index.ts";
import { buildClassifier } from "../models/index.ts";
import { float32 } from "../tensor/index.ts";
import { type FitOptions, evaluate, fit } from "./index.ts";

describe("a run", () => {
  test("of the same seed gives the same bits, of another seed others", async () => {
    const [a, b, c] = [
      await fit(smallNet(), data, { ...options, epochs: 2, seed: 3 }),
      await fit(smallNet(), data, { ...options, epochs: 2, seed: 3 }),
      await fit(smallNet(), data, { ...options, epochs: 2, seed: 4 }),
    ];
    expect(weightsOf(b.model)).toEqual(weightsOf(a.model));
    expect(b.history).toEqual(a.history);
    expect(b.manifest.model.sha256).toBe(a.manifest.model.sha256);
    expect(weightsOf(c.model)).not.toEqual(weightsOf(a.model));
  });

  test("leaves the classifier that it was given as it was, and moves every weight and statistic", async () => {
    const given = smallNet();
    const { model } = await fit(given, data, options);
    expect(weightsOf(given)).toEqual(weightsOf(smallNet()));
    for (const name of ["conv.weight", "bn.scale", "bn.bias", "bn.mean", "bn.var", "fc.weight", "fc.bias"]) {
      expect(weightsOf(model)[name], name).not.toEqual(weightsOf(given)[name]);
    }
  });

  test("learns", async () => {
    const { history } = await fit(smallNet(), greyLevels(300), { ...options, epochs: 8, learningRate: 0.02 });
    const epochs = history.filter((line) => line.kind === "epoch");
    expect(epochs.map((line) => line.epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(epochs.at(-1)!.loss).toBeLessThan(0.5 * epochs[0].loss);
    expect(epochs.at(-1)!.accuracy).toBeGreaterThan(0.9);
  });

  test("takes a last partial batch, and reports each stretch of steps", async () => {
    const steps: number[] = [];
    const { history } = await fit(smallNet(), data, {
      ...options,
      epochs: 2,
      onProgress: ({ step, totalSteps }) => {
        expect(totalSteps).toBe(6);
        steps.push(step);
      },
    });
    expect(steps).toEqual([1, 2, 3, 4, 5, 6]);
    expect(history.map(({ kind, step, epoch }) => [kind, step, epoch])).toEqual([
      ["step", 2, 1],
      ["epoch", 3, 1],
      ["step", 4, 2],
      ["step", 6, 2],
      ["epoch", 6, 2],
    ]);
  });

  test("weighs a partial batch by its samples: an epoch's means do not depend on how it is cut", async () => {
    const still: FitOptions = { ...options, learningRate: 0, method: "base" };
    const { cleanAccuracy } = await evaluate(twoLayers(), data);
    const losses: number[] = [];
    for (const batchSize of [42, 16, 5]) {
      const { history } = await fit(twoLayers(), data, { ...still, batchSize });
      const epoch = history.find((line) => line.kind === "epoch")!;
      expect(epoch.accuracy).toBe(cleanAccuracy.value);
      losses.push(epoch.loss);
    }
    expect(losses).toBeAllClose(Array(3).fill(losses[0]), { rtol: 1e-6 });
  });

  test("counts Adam's steps and follows the schedule: with a constant gradient each step is one learning rate", async () => {
    // Logits ∓20 for a pixel of 1 and label 0: the gradient of the loss is (−1, 1), and stays so.
    const classifier = buildClassifier("one pixel", [1, 1, 1], (g, images) =>
      g.matMul(g.op1("Flatten", [images], { axis: 1 }), g.initializer("weight", float32([1, 2], [-20, 20]))),
    );
    const onePixel = datasetFromArrays({
      name: "one pixel",
      shape: [1, 1, 1],
      pixels: Array<number>(12).fill(255),
      labels: Array<number>(12).fill(0),
      classNames: ["a", "b"],
    });
    const { model } = await fit(classifier, onePixel, {
      method: "base",
      epochs: 1,
      batchSize: 1,
      learningRate: 0.1,
      schedule: { warmUp: 4 },
    });
    const moved = 0.1 * (0.25 + 0.5 + 0.75 + 9);
    expect(weightsOf(model).weight as Float32Array).toBeAllClose([-20 + moved, 20 - moved], { atol: 1e-4 });
  });

  test("takes a batch size above the number of samples", async () => {
    const { history } = await fit(smallNet(), take(data, 5), { ...options, batchSize: 64, epochs: 2 });
    expect(history.at(-1)!.step).toBe(2);
  });

  test.each(["base", "va", "rva", "vwa", "rwa"] as const)("of method %s works", async (method) => {
    const { history } = await fit(smallNet(), data, { ...options, method });
    expect(Number.isFinite(history.at(-1)!.loss)).toBe(true);
    expect("alignment" in history.at(-1)!).toBe(method.startsWith("r"));
  });

  test("gives the same bits with views made lazily or eagerly", async () => {
    const [lazy, eager] = [
      await fit(smallNet(), data, { ...options, method: "rva", augmentation: "lazy" }),
      await fit(smallNet(), data, { ...options, method: "rva", augmentation: "eager" }),
    ];
    expect(weightsOf(eager.model)).toEqual(weightsOf(lazy.model));
  });

  test("raises the alignment weight to λ over its warm-up", async () => {
    const run = (changes: FitOptions) =>
      fit(smallNet(), data, {
        ...options,
        learningRate: 0,
        stepsPerLine: 1,
        method: "rva",
        epochs: 2,
        ...changes,
      });
    const { history } = await run({ alignmentWeight: 0.8, alignmentWarmUp: 4 });
    const weights = history
      .filter((line) => line.kind === "step")
      .map((line) => (line.loss - Number(line.cleanLoss) - Number(line.viewLoss)) / Number(line.alignment));
    expect(weights).toBeAllClose([0.2, 0.4, 0.6, 0.8, 0.8, 0.8], { rtol: 1e-3 });
  });

  test("trains a discriminator beside the model: at first it tells nothing, then it tells views from clean images", async () => {
    const { history } = await fit(twoLayers(), data, {
      ...options,
      // Turned by 90° a plain image is itself; by 45° it has black corners.
      transforms: rotation({ degrees: [45] }),
      method: "rva",
      regularizer: "discriminator",
      regularizerOptions: { steps: 5, learningRate: 0.01 },
      // The model stays as it is, so what there is to tell does too.
      learningRate: 0,
      epochs: 12,
    });
    const losses = history.filter(({ kind }) => kind === "epoch").map(({ criticLoss }) => Number(criticLoss));
    // Two answers at chance cost 2·log 2 = 1.39.
    expect(losses[0]).toBeGreaterThan(1.1);
    expect(losses.at(-1)).toBeLessThan(0.8);
  });

  test("states in its manifest what it depends on", async () => {
    const { manifest } = await fit(smallNet(), data, { ...options, method: "base" });
    expect(manifest).toMatchObject({
      command: "library",
      config: { method: "base", transforms: null, batchSize: 16, learningRate: 1e-3, seed: 0 },
      data: { name: "grey levels", samples: 42, sha256: data.hash },
      model: { name: "small" },
    });
    expect(manifest.versions.onnxruntime).toMatch(/^\d+\.\d+/);
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
  });
});

test("a model in training form, as PyTorch may export it, is trained as the same model, and returned in evaluation form", async () => {
  const { graph, ...names } = smallNet();
  const training = graph.nodes.map((node) => {
    if (node.opType === "Dropout") return { ...node, inputs: [...node.inputs, "yes"] };
    if (node.opType !== "BatchNormalization") return node;
    const outputs = [...node.outputs, "bn:mean", "bn:variance"];
    return { ...node, outputs, attributes: { ...node.attributes, training_mode: 1 } };
  });
  const yes = { dtype: "bool", shape: [], data: Uint8Array.of(1) } as const;
  const exported = {
    ...names,
    graph: {
      ...graph,
      nodes: training,
      initializers: new Map([...graph.initializers, ["yes", yes] as const]),
    },
  };
  const [a, b] = [await fit(exported, data, options), await fit(smallNet(), data, options)];
  for (const [name, weights] of Object.entries(weightsOf(b.model))) {
    expect(weightsOf(a.model)[name], name).toEqual(weights);
  }
  const scores = [await evaluate(a.model, data), await evaluate(b.model, data)];
  expect({ ...scores[0], manifest: null }).toEqual({ ...scores[1], manifest: null });
});
