import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { data, options, smallNet, twoLayers } from "../../test/small-run.ts";
import { family } from "../augment/index.ts";
import { buildClassifier, lenet } from "../models/index.ts";
import { ModelError } from "../onnx/index.ts";
import { UsageError, float32 } from "../tensor/index.ts";
import { DivergedError } from "../train/index.ts";
import { type FitOptions, fit } from "./index.ts";

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
      /The weights \("w\d"\) became (-?Infinity|NaN) at step 1/,
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

  test("names an aligned tensor that nothing that trains comes before", async () => {
    const align = lenet().graph.nodes.find(({ opType }) => opType === "Relu")!.outputs[0];
    const run = fit(
      lenet({ shape: [1, 28, 28] }),
      { ...data, shape: [1, 28, 28], pixels: new Uint8Array(784 * data.labels.length) },
      {
        ...options,
        align,
        trainable: { last: 1 },
      },
    );
    await expect(run).rejects.toThrow(new RegExp(`nothing that trains comes before "${align}"`));
  });

  const bad: [FitOptions, RegExp][] = [
    [{ method: "best" as "rwa" }, /Unknown method "best"/],
    [{ regularizer: "l9" as "squaredL2" }, /Unknown regularizer "l9"/],
    [{ optimizer: "lyon" as "adam" }, /Unknown optimizer "lyon"/],
    [{ optimizer: "adam", optimizerOptions: { momentum: 0.9 } }, /takes no "momentum"/],
    [
      { schedule: { kind: "linear" as "step" } },
      /Unknown schedule\.kind "linear"\. Choose one of: constant, step, cosine/,
    ],
    [{ regularizerOptions: { steps: 2 } }, /"squaredL2" takes no "steps"\. It takes: no options/],
    [{ regularizer: "discriminator", regularizerOptions: { penalty: 1 } }, /takes no "penalty"/],
    [
      { regularizer: "wasserstein", regularizerOptions: { steps: 0 } },
      /regularizerOptions\.steps must be a whole number of at least 1, not 0/,
    ],
    [
      { regularizer: "wasserstein", regularizerOptions: { learningRate: NaN } },
      /regularizerOptions\.learningRate must be a number above 0, not NaN/,
    ],
    [
      { regularizer: "wasserstein", regularizerOptions: { penalty: 0 } },
      /regularizerOptions\.penalty must be a number above 0/,
    ],
    [{ selectBy: "gap" as "loss" }, /Unknown selectBy "gap"/],
    [{ method: "vwa", selectBy: "distance" }, /has no alignment distance/],
    [{ method: "rva", alignSelectBy: "distance" }, /has no alignment distance/],
    [{ selection: "image" as "sample" }, /Unknown selection "image"/],
    [{ stopGradient: "view" as "clean" }, /Unknown stopGradient "view"/],
    [{ augmentation: "slow" as "lazy" }, /Unknown augmentation "slow"/],
    [{ augmentation: "eager", flip: true }, /"eager" keeps views of images that never change/],
    [{ augmentation: "eager", crop: 1 }, /Leave augmentation out, or crop and flip/],
    [{ crop: -1 }, /crop must be a whole number of at least 0, not -1/],
    [{ crop: 8 }, /A crop of 8 pixels does not suit images of 8×8\. Give a whole number from 0 to 7/],
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
    [{ clipNorm: 0 }, /clipNorm must be a number above 0, not 0/],
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
