import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { family, rotation } from "../augment/index.ts";
import { type Dataset, datasetFromArrays, take } from "../data/index.ts";
import { type Classifier, buildClassifier, lenet } from "../models/index.ts";
import { ModelError } from "../onnx/index.ts";
import { type Shape, UsageError, float32, random, sizeOf } from "../tensor/index.ts";
import { CheckpointError, DivergedError } from "../train/index.ts";
import { type FitOptions, evaluate, fit } from "./index.ts";

const CLASSES = 3;

/** Random 8×8 images, the mean grey level of which tells the class. */
function greyLevels(count: number, seed = 1): Dataset {
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
function smallNet(seed = 0): Classifier {
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
const twoLayers = (): Classifier =>
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

const weightsOf = ({ graph }: Classifier) =>
  Object.fromEntries([...graph.initializers].map(([name, { data }]) => [name, data]));

const data = greyLevels(42);
const options: FitOptions = { transforms: rotation({ degrees: [45, 90] }), batchSize: 16, stepsPerLine: 2 };

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

describe("a stopped run", () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "alignreg-"))));
  afterAll(() => rmSync(folder, { recursive: true }));

  class Stop extends Error {}

  /** Runs until `step`, of which no checkpoint is written any more. */
  async function stopAt(step: number, changes: FitOptions) {
    const stopped = fit(smallNet(), data, {
      ...changes,
      onProgress: (progress) => {
        if (progress.step === step) throw new Stop();
      },
    });
    await expect(stopped).rejects.toThrow(Stop);
  }

  const runs: [string, FitOptions][] = [
    ["Adam, rwa", { method: "rwa" }],
    [
      "Adam, rva, a schedule and clipping",
      { method: "rva", schedule: { kind: "cosine", warmUp: 3 }, clipNorm: 1 },
    ],
    ["momentum SGD, rwa", { optimizer: "sgd", optimizerOptions: { momentum: 0.9 }, alignmentWarmUp: 6 }],
    ["rwa with a Wasserstein critic", { regularizer: "wasserstein", regularizerOptions: { steps: 2 } }],
    ["rva with a discriminator", { method: "rva", regularizer: "discriminator" }],
    ["plain SGD, base", { optimizer: "sgd", method: "base" }],
  ];

  test.each(runs)("ends in the same bits when it is resumed: %s", async (name, changes) => {
    const all = { ...options, ...changes, epochs: 4 };
    const unbroken = await fit(smallNet(), data, all);
    const checkpoint = join(folder, `${name}.onnx`);
    const starts: number[] = [];
    const saved: FitOptions = {
      ...all,
      checkpoint,
      checkpointSeconds: 0,
      resume: true,
      onStart: (step) => starts.push(step),
    };
    // In the middle of an epoch and of a line of metrics; at the end of an epoch; then to the end.
    await stopAt(6, saved);
    await stopAt(10, saved);
    const lines: number[] = [];
    const { model, history } = await fit(smallNet(), data, {
      ...saved,
      onMetrics: ({ step }) => lines.push(step),
    });
    expect(starts).toEqual([0, 5, 9]);
    expect(lines).toEqual([10, 12, 12]);
    expect(weightsOf(model)).toEqual(weightsOf(unbroken.model));
    expect(history).toEqual(unbroken.history);

    // A finished run is resumed without a step.
    const again = await fit(smallNet(), data, saved);
    expect(starts.at(-1)).toBe(12);
    expect(weightsOf(again.model)).toEqual(weightsOf(unbroken.model));
    expect(again.history).toEqual(unbroken.history);
  });

  test("does not go on with another configuration, data set or model", async () => {
    const checkpoint = join(folder, "identity.onnx");
    await fit(smallNet(), data, { ...options, checkpoint });
    const resumed = (changes: FitOptions, model = smallNet(), set = data) =>
      fit(model, set, { ...options, checkpoint, resume: true, ...changes });
    await expect(resumed({})).resolves.toBeDefined();
    await expect(resumed({ learningRate: 0.5, seed: 9 })).rejects.toThrow(CheckpointError);
    await expect(resumed({ learningRate: 0.5, seed: 9 })).rejects.toThrow(
      /seed: 0 there, 9 now|learningRate: 0.001 there, 0.5 now/,
    );
    await expect(resumed({ transforms: rotation() })).rejects.toThrow(/transforms: .*90.* there, .*60/);
    await expect(resumed({}, smallNet(5))).rejects.toThrow(/model: "[0-9a-f]{64}" there/);
    await expect(resumed({}, smallNet(), greyLevels(42, 2))).rejects.toThrow(/data: "[0-9a-f]{64}" there/);
    // Without resume the run starts over.
    await expect(fit(smallNet(), data, { ...options, checkpoint, seed: 9 })).resolves.toBeDefined();
  });

  test("does not go on from a damaged checkpoint", async () => {
    const checkpoint = join(folder, "damaged.onnx");
    await fit(smallNet(), data, { ...options, checkpoint });
    const bytes = readFileSync(checkpoint);
    const resumed = () => fit(smallNet(), data, { ...options, checkpoint, resume: true });
    for (const length of [0, 10, Math.floor(bytes.length / 2), bytes.length - 1]) {
      writeFileSync(checkpoint, bytes);
      truncateSync(checkpoint, length);
      await expect(resumed(), `${length} bytes`).rejects.toThrow(CheckpointError);
      await expect(resumed()).rejects.toThrow(/damaged\.onnx cannot be read/);
    }
    const asText = bytes.toString("latin1");
    const renamed = asText.replaceAll("state:0:1", "state:0:9");
    expect(renamed).not.toBe(asText);
    writeFileSync(checkpoint, renamed, "latin1");
    await expect(resumed()).rejects.toThrow(/holds nothing for "state:0:1"/);
    writeFileSync(
      checkpoint,
      asText
        .replace("alignreg checkpoint", "alignreg checkpoint")
        .replace("\x07version\x12\x011", "\x07version\x12\x019"),
      "latin1",
    );
    await expect(resumed()).rejects.toThrow(/version is 9; 1 is needed/);
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

describe("a run that diverges", () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "alignreg-"))));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("tells the step and the learning rate, and keeps the last state that was finite", async () => {
    const checkpoint = join(folder, "diverged.onnx");
    const job: FitOptions = {
      ...options,
      optimizer: "sgd",
      learningRate: 1e30,
      checkpoint,
      checkpointSeconds: 0,
    };
    const error = await fit(twoLayers(), data, job).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DivergedError);
    expect(error).toMatchObject({ step: 2, learningRate: 1e30 });
    expect((error as Error).message).toMatch(/^The loss became NaN at step 2 \(learning rate 1e\+30/);
    // What was saved is the state after step 1.
    const starts: number[] = [];
    const again = fit(twoLayers(), data, { ...job, resume: true, onStart: (step) => starts.push(step) });
    await expect(again).rejects.toThrow(DivergedError);
    expect(starts).toEqual([1]);
  });

  test("in its last step neither returns nor saves infinite weights", async () => {
    const checkpoint = join(folder, "infinite.onnx");
    const job: FitOptions = { ...options, optimizer: "sgd", learningRate: 1e39, batchSize: 42, checkpoint };
    await expect(fit(twoLayers(), data, job)).rejects.toThrow(
      /The weights became (-?Infinity|NaN) at step 1/,
    );
    expect(() => readFileSync(checkpoint)).toThrow(/ENOENT/);
  });
});

describe("an error", () => {
  test("of a transform, while a step runs, comes out as it is", async () => {
    let calls = 0;
    const failing = family("failing", "", [
      {
        name: "fails at the third batch",
        parameters: {},
        apply: ({ data: images }, out = new Float32Array(images.length)) => {
          if (++calls === 3) throw new RangeError("third batch");
          out.set(images);
          return out;
        },
      },
    ]);
    await expect(fit(smallNet(), data, { ...options, transforms: failing })).rejects.toThrow("third batch");
  });

  test("of the graph comes out as it is", async () => {
    await expect(fit(smallNet(), data, { ...options, align: "nowhere" })).rejects.toThrow(ModelError);
  });

  const bad: [FitOptions, RegExp][] = [
    [{ method: "best" as "rwa" }, /Unknown method "best"/],
    [{ regularizer: "l9" as "squaredL2" }, /Unknown regularizer "l9"/],
    [{ optimizer: "lion" as "adam" }, /Unknown optimizer "lion"/],
    [{ optimizer: "adam", optimizerOptions: { momentum: 0.9 } }, /takes no "momentum"/],
    [{ schedule: { kind: "linear" as "step" } }, /Unknown schedule "linear"/],
    [{ regularizerOptions: { steps: 2 } }, /"squaredL2" takes no "steps"\. It takes: no options/],
    [{ regularizer: "discriminator", regularizerOptions: { penalty: 1 } }, /takes no "penalty"/],
    [{ regularizer: "wasserstein", regularizerOptions: { steps: 0 } }, /critic's steps/],
    [{ regularizer: "wasserstein", regularizerOptions: { learningRate: NaN } }, /critic's learningRate/],
    [{ regularizer: "wasserstein", regularizerOptions: { penalty: 0 } }, /penalty and clip/],
    [{ selectBy: "gap" as "loss" }, /Unknown selectBy "gap"/],
    [{ method: "vwa", selectBy: "distance" }, /has no alignment distance/],
    [{ method: "rva", alignSelectBy: "distance" }, /has no alignment distance/],
    [{ selection: "image" as "sample" }, /Unknown selection "image"/],
    [{ stopGradient: "view" as "clean" }, /Unknown stopGradient "view"/],
    [{ augmentation: "slow" as "lazy" }, /Unknown augmentation "slow"/],
    [{ executionProvider: "tpu" as "cpu" }, /Unknown executionProvider "tpu"/],
    [{ compat: "alignreg-2.0" as "alignreg-1.0" }, /Unknown compat "alignreg-2.0"/],
    [{ compat: "alignreg-1.0", selection: "sample" }, /selects per batch/],
    [{ compat: "alignreg-1.0", method: "vwa" }, /a form of method "rwa"/],
    [{ epochs: 0 }, /epochs must be a whole number of at least 1, not 0/],
    [{ epochs: 1.5 }, /epochs must be a whole number/],
    [{ batchSize: 0 }, /batchSize/],
    [{ stepsPerLine: NaN }, /stepsPerLine/],
    [{ seed: -1 }, /seed/],
    [{ threads: 0.5 }, /threads/],
    [{ learningRate: -1 }, /learningRate must be a number of at least 0/],
    [{ learningRate: Infinity }, /learningRate/],
    [{ alignmentWeight: NaN }, /alignmentWeight/],
    [{ alignmentWarmUp: -2 }, /alignmentWarmUp/],
    [{ clipNorm: 0 }, /clipNorm must be above 0/],
    [{ checkpointSeconds: -1 }, /checkpointSeconds/],
    [{ resume: true }, /resume needs checkpoint/],
  ];

  test.each(bad)("of options %o is a UsageError", async (changes, message) => {
    const run = fit(smallNet(), data, { ...options, ...changes });
    await expect(run).rejects.toThrow(UsageError);
    await expect(run).rejects.toThrow(message);
  });

  test("tells that model and data do not fit", async () => {
    await expect(fit(lenet(), data)).rejects.toThrow(/takes images \[1,28,28\]; the data's are \[1,8,8\]/);
    const twoClasses = buildClassifier("two", [1, 8, 8], (g, images) =>
      g.matMul(g.op1("Flatten", [images], { axis: 1 }), g.initializer("w", float32([64, 2]))),
    );
    await expect(fit(twoClasses, data)).rejects.toThrow(/tells 2 classes apart; the data has 3/);
    // A model whose file does not state its classes is measured when it is built.
    const { graph } = twoClasses;
    const unstated = { ...twoClasses, graph: { ...graph, outputs: [{ ...graph.outputs[0], shape: null }] } };
    await expect(fit(unstated, data)).rejects.toThrow(/tells 2 classes apart; the data has 3/);
    const rows = { ...graph, inputs: [{ ...graph.inputs[0], shape: ["N", 1, 8] }] };
    await expect(fit({ ...twoClasses, graph: rows }, data)).rejects.toThrow(/takes images \[1,8\]/);
    const untrained = buildClassifier("constant", [1, 8, 8], (g, images) =>
      g.slice(g.op1("Flatten", [images], { axis: 1 }), [{ axis: 1, start: 0, end: 3 }]),
    );
    await expect(fit(untrained, data)).rejects.toThrow(/no weights to train/);
    await expect(fit({ ...smallNet(), input: "x" }, data)).rejects.toThrow(/no input "x"/);
  });
});
