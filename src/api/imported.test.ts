/** Classifiers from files: what `fit` and `evaluate` make of them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type PytorchCase, fitOneStep, normalization, pytorchCase } from "../../test/pytorch-case.ts";
import { greyLevels, smallNet } from "../../test/small-run.ts";
import { rotation } from "../augment/index.ts";
import { imagesAt } from "../data/index.ts";
import { type Classifier, buildClassifier, normalizeImages } from "../models/index.ts";
import { type Graph, modelOf, readModel, writeModel } from "../onnx/index.ts";
import { openClassifier } from "../runtime/index.ts";
import { float32 } from "../tensor/index.ts";
import {
  type EvaluationResult,
  classifierFile,
  evaluate,
  fit,
  loadClassifier,
  saveClassifier,
} from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-imported-"));
afterAll(() => rmSync(folder, { recursive: true }));

const transforms = rotation({ degrees: [30] });
/** What is known of a model besides is noted in different ways. */
const scores = (result: EvaluationResult) => ({ ...result, notes: null, manifest: null });
const training = pytorchCase("densenet-training-opset15-batch4");
const few = { ...normalization, transforms, threads: 1 };

const graphOf = async ({ model }: PytorchCase): Promise<Graph> => (await loadClassifier(model)).graph;

describe("what trains:", () => {
  const c = pytorchCase("resnet18-training-opset17-dynamic");
  const step = {
    ...normalization,
    transforms,
    optimizer: "sgd",
    learningRate: 0.1,
    epochs: 1,
    batchSize: 6,
  } as const;

  test("frozen layers keep every bit, statistics included; the rest moves", async () => {
    const before = (await graphOf(c)).initializers;
    const { model, trained } = await fit(c.model, c.data, { ...step, trainable: ["layer4.1.*", "linear.*"] });
    const moved = [...model.graph.initializers]
      .filter(
        ([name, { data }]) => !Buffer.from(data.buffer).equals(Buffer.from(before.get(name)!.data.buffer)),
      )
      .map(([name]) => name);
    expect(moved).toEqual([...before.keys()].filter((name) => /^(layer4\.1\.|linear\.)/.test(name)));
    expect(trained).toEqual([...before.keys()].filter((name) => trained.includes(name)));
    expect(trained).toContain("layer4.1.bn2.weight");
  });

  test("a frozen network normalises by its running statistics in training too", async () => {
    const still = { ...step, method: "base", learningRate: 0 } as const;
    const frozen = await fit(c.model, c.data, { ...still, trainable: { last: 1 } });
    const session = await openClassifier(classifierFile(frozen.model), { threads: 1 });
    const images = imagesAt(c.data, [0, 1, 2, 3, 4, 5]);
    const logits = await session.predict(normalizeImages(images, normalization));
    await session.release();
    const losses = Array.from(c.data.labels, (label, i) => {
      const row = Array.from(logits.subarray(10 * i, 10 * i + 10));
      return Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - row[label];
    });
    const expected = losses.reduce((a, b) => a + b) / 6;
    expect(frozen.history.at(-1)!.loss).toBeCloseTo(expected, 4);
    const free = await fit(c.model, c.data, still);
    expect(Math.abs(free.history.at(-1)!.loss - expected)).toBeGreaterThan(0.01);
  });

  test("frozen layers go forward once, and the step is that of going twice", async () => {
    const once = await loadClassifier(c.model);
    const { graph } = once;
    // Dropout of ratio 0 changes nothing, but keeps the training pass apart from the selection pass.
    const dropout = {
      opType: "Dropout",
      domain: "",
      name: "",
      inputs: ["images", "none"],
      outputs: ["x"],
      attributes: {},
    };
    const rest = graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map((name) => (name === "images" ? "x" : name)),
    }));
    const initializers = new Map([...graph.initializers, ["none", float32([], [0])] as const]);
    const twice = { ...once, graph: { ...graph, nodes: [dropout, ...rest], initializers } };
    const options = { ...step, trainable: ["layer4.1.conv2.weight", "linear.*"] };
    const [a, b] = [await fit(once, c.data, options), await fit(twice, c.data, options)];
    for (const name of a.trained) {
      const expected = b.model.graph.initializers.get(name)!.data as Float32Array;
      expect(a.model.graph.initializers.get(name)!.data as Float32Array, name).toBeAllClose(expected, {
        atol: 1e-7,
      });
    }
  });

  test("a resumed run with another choice is refused", async () => {
    const checkpoint = join(folder, "choice.onnx");
    await fit(c.model, c.data, { ...step, trainable: { last: 1 }, checkpoint });
    await expect(fit(c.model, c.data, { ...step, checkpoint, resume: true })).rejects.toThrow(/trainable: /);
  });
});

describe("normalisation:", () => {
  test("is written into the file, from which evaluate takes it", async () => {
    const { model, manifest } = await fitOneStep(training);
    expect(manifest.config).toMatchObject({ normalization });
    const path = join(folder, "normalized.onnx");
    await saveClassifier(model, path);
    const { metadata } = readModel(readFileSync(path));
    expect(metadata).toMatchObject({ "alignreg.mean": JSON.stringify(normalization.mean) });
    const recorded = await evaluate(path, training.data, { transforms });
    expect(recorded.manifest.config).toMatchObject({ normalization, logits: "logits" });
    expect(scores(await evaluate(model, training.data, { transforms }))).toEqual(scores(recorded));
    // Without the metadata it must be stated.
    const bare = writeModel(modelOf(model.graph));
    const stated = await evaluate(bare, training.data, { transforms, ...normalization });
    expect(scores(stated)).toEqual(scores(recorded));
    expect(scores(await evaluate(bare, training.data, { transforms }))).not.toEqual(scores(recorded));
  });

  test("a number for each channel is needed", async () => {
    await expect(fit(training.model, training.data, { mean: [0.5] })).rejects.toThrow(
      /each of the 3 channels/,
    );
    await expect(evaluate(training.model, training.data, { std: [1, 1, 0] })).rejects.toThrow(
      /std must be a list of numbers above 0, not \[1, 1, 0\]/,
    );
  });

  test("of a classifier is what fit was told, and the same as in the graph", async () => {
    const data = greyLevels(64);
    const options = { transforms, seed: 3, epochs: 1, batchSize: 32, threads: 1 };
    const stated = await fit(smallNet(), data, { ...options, mean: [0.25], std: [0.5] });
    const net = smallNet();
    const inside: Classifier = { ...net, normalization: { mean: [0.25], std: [0.5] } };
    const own = await fit(inside, data, options);
    expect([...own.model.graph.initializers]).toEqual([...stated.model.graph.initializers]);
  });
});

describe("a file is tested in evaluation form:", () => {
  test("PyTorch's training form would normalise by the batch", async () => {
    const result = await evaluate(training.model, training.data, few);
    const others = await evaluate(training.model, training.data, { ...few, batchSize: 2 });
    expect(scores(others)).toEqual(scores(result));
  });

  test("external weights are read", async () => {
    const external = pytorchCase("vision-transformer-training-opset14-batch1");
    const whole = await loadClassifier(external.model);
    const result = await evaluate(external.model, external.data, few);
    expect(scores(await evaluate(whole, external.data, few))).toEqual(scores(result));
    const lonely = join(folder, "lonely.onnx");
    writeFileSync(lonely, readFileSync(external.model));
    await expect(fit(lonely, external.data)).rejects.toThrow(/Cannot read the model .*lonely.*\.data|ENOENT/);
  });

  test("of probabilities the logits are tested", async () => {
    const probabilities = buildClassifier("probabilities", [1, 8, 8], (g, images) => {
      const flat = g.op1("Flatten", [images], { axis: 1 });
      const weight = Float32Array.from({ length: 192 }, (_, i) => Math.sin(i));
      const [z] = g.op(
        "MatMul",
        [flat, g.initializer("w", float32([64, 3], weight))],
        {},
        { outputs: ["z"] },
      );
      return g.op1("Softmax", [z], { axis: 1 });
    });
    const bytes = writeModel(modelOf(probabilities.graph));
    const result = await evaluate(bytes, greyLevels(30), { transforms });
    expect(result.manifest.config).toMatchObject({ logits: "z" });
    const explicit = await evaluate(bytes, greyLevels(30), { transforms, output: "z" });
    expect(scores(explicit)).toEqual(scores(result));
  });
});

test("a model that takes channels last trains as its twin does", async () => {
  const twin = (isLast: boolean) =>
    buildClassifier("twin", isLast ? [8, 8, 1] : [1, 8, 8], (g, images) => {
      const planar = isLast ? g.transpose(images, [0, 3, 1, 2]) : images;
      const kernel = Float32Array.from({ length: 27 }, (_, i) => Math.cos(i));
      const x = g.op1("Conv", [planar, g.initializer("w", float32([3, 1, 3, 3], kernel))]);
      return g.op1("Flatten", [g.op1("GlobalAveragePool", [x])], { axis: 1 });
    });
  const options = { transforms, batchSize: 16, optimizer: "sgd", threads: 1 } as const;
  const [last, planar] = [
    await fit(twin(true), greyLevels(32), options),
    await fit(twin(false), greyLevels(32), options),
  ].map(({ model }) => model.graph.initializers.get("w")!.data as Float32Array);
  expect(last).toBeAllClose(planar, { atol: 1e-6 });
});

test("images are normalised on their way in as in the graph", () => {
  const images = { data: Float32Array.of(0, 0.5, 1, 0.25), shape: [1, 2, 1, 2] as const };
  const { data } = normalizeImages(images, { mean: [0.5, 0], std: [0.5, 2] });
  expect(Array.from(data)).toEqual([-1, 0, 0.5, 0.125]);
});
