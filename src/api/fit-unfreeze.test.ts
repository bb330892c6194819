import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { greyLevels, smallNet } from "../../test/small-run.ts";
import { rotation } from "../augment/index.ts";
import { datasetFromArrays } from "../data/index.ts";
import { buildClassifier, withNewHead } from "../models/index.ts";
import { float32, random } from "../tensor/index.ts";
import { type FitOptions, type FitResult, classifierFile, evaluate, fit } from "./index.ts";

const data = greyLevels(22);
const validation = greyLevels(40, 7);
const perEpoch = 3;

const options: FitOptions = {
  trainable: ["fc.*"],
  unfreeze: "all",
  transforms: rotation({ degrees: [-30, 30] }),
  batchSize: 8,
  epochs: 3,
  unfreezeEpochs: 2,
  learningRate: 0.02,
  seed: 4,
  stepsPerLine: 2,
  threads: 1,
  onNote: () => undefined,
};
const run = (more: FitOptions = {}): Promise<FitResult> => fit(smallNet(), data, { ...options, ...more });
const bytes = ({ model }: FitResult): string => Buffer.from(classifierFile(model)).toString("base64");
const epochsOf = ({ history }: FitResult) => history.filter(({ kind }) => kind === "epoch");
const tensor = ({ model }: FitResult, name: string) => [
  ...(model.graph.initializers.get(name)!.data as Float32Array),
];

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "alignreg-"))));
afterEach(() => rmSync(folder, { recursive: true }));

describe("with unfreeze", () => {
  test("dropout goes on: the second stage has other masks than the first", async () => {
    const rng = random(1, "dropout");
    const weight = float32(
      [64, 4],
      Float32Array.from({ length: 256 }, () => rng.normal()),
    );
    const dropping = buildClassifier("dropping", [1, 8, 8], (g, images) => {
      const flat = g.op1("Flatten", [images], { axis: 1 });
      const dropped = g.op1("Dropout", [flat, g.scalar(0.5)]);
      return g.add(
        g.matMul(dropped, g.initializer("weight", weight)),
        g.initializer("bias", float32([4], [0, 0, 0, 0])),
      );
    });
    // Images that are all alike and weights that do not move: an epoch's loss is decided by its masks.
    const alike = datasetFromArrays({
      name: "alike",
      shape: [1, 8, 8],
      pixels: Uint8Array.from({ length: 22 * 64 }, (_, i) => 2 * (i % 64)),
      labels: new Uint8Array(22),
      classNames: ["a", "b", "c", "d"],
    });
    const { history } = await fit(dropping, alike, {
      ...options,
      trainable: ["bias"],
      unfreeze: ["weight"],
      method: "base",
      batchSize: 22,
      epochs: 2,
      learningRate: 0,
      unfreezeLearningRate: 0,
    });
    const losses = history.filter(({ kind }) => kind === "epoch").map(({ loss }) => loss);
    expect(new Set(losses.map((loss) => loss.toFixed(4))).size).toBe(4);
  });

  test("what is unfrozen moves in the second stage alone, at a tenth of the rate, and lines count on", async () => {
    const both = await run();
    const start = smallNet().graph.initializers;
    const head = await run({ unfreeze: undefined, unfreezeEpochs: undefined });
    expect(tensor(head, "conv.weight")).toEqual([...(start.get("conv.weight")!.data as Float32Array)]);
    expect(tensor(both, "conv.weight")).not.toEqual(tensor(head, "conv.weight"));
    expect(both.history.slice(0, head.history.length - 1)).toEqual(head.history.slice(0, -1));
    expect(epochsOf(both).map(({ epoch, step, learningRate }) => [epoch, step, learningRate])).toEqual([
      ...[1, 2, 3].map((epoch) => [epoch, epoch * perEpoch, 0.02]),
      ...[4, 5].map((epoch) => [epoch, epoch * perEpoch, expect.closeTo(0.002, 12) as number]),
    ]);
    expect(both.trained).toEqual(expect.arrayContaining(["conv.weight", "fc.weight", "fc.bias"]));
    expect(both.notes.join("\n")).toMatch(
      /First fc\.weight, fc\.bias train for 3 epochs; then .* too, for 2 epochs at a learning rate of 0\.002/,
    );
  });

  test("the second stage begins where the first ended: with a rate of 0 nothing moves but what normalises", async () => {
    const still = await run({ unfreezeLearningRate: 0, unfreeze: ["conv.weight"] });
    const head = await run({ unfreeze: undefined, unfreezeEpochs: undefined });
    for (const name of ["fc.weight", "fc.bias", "conv.weight"])
      expect(tensor(still, name)).toEqual(tensor(head, name));
  });

  test("each stage has a cache of its own, and gives what it gives without", async () => {
    const net = withNewHead(smallNet(), { classNames: data.classNames, head: 5, seed: 2 });
    const asked: FitOptions = { ...options, trainable: undefined, unfreeze: { last: 3 } };
    const cached = await fit(net, data, { ...asked, cache: folder });
    const plain = await fit(net, data, { ...asked, cache: false });
    expect(epochsOf(cached).map(({ loss }) => loss)).toBeAllClose(
      epochsOf(plain).map(({ loss }) => loss),
      { atol: 1e-4, rtol: 1e-4 },
    );
    expect(cached.trained).toEqual(plain.trained);
  });

  test.each<[string, FitOptions, RegExp]>([
    ["what trains already", { unfreeze: ["fc.weight"] }, /unfreeze: fc\.weight trains from the start/],
    ["no such tensor", { unfreeze: ["nothing"] }, /no float32 initializer of the model is called "nothing"/],
    ["epochs of nothing", { unfreeze: undefined }, /unfreezeEpochs is of what is unfrozen/],
  ])("%s is refused before anything trains", async (_, more, message) => {
    const steps: unknown[] = [];
    await expect(run({ ...more, onProgress: (state) => steps.push(state) })).rejects.toThrow(message);
    expect(steps).toEqual([]);
  });

  test("the best epoch of both stages is kept, and patience counts in each", async () => {
    // The second stage goes nowhere, so the first one's best stays the best.
    const kept = await run({ validation, unfreeze: ["conv.weight"], unfreezeLearningRate: 0 });
    expect(epochsOf(kept)).toHaveLength(5);
    expect(kept.kept!.epoch).toBeLessThanOrEqual(3);
    const test = { transforms: options.transforms, threads: 1, onNote: () => undefined };
    const scores = await evaluate(kept.model, validation, test);
    expect(scores.robustAccuracy.value).toBeCloseTo(kept.kept!.validation.robust, 12);
    const impatient = await run({
      unfreeze: ["conv.weight"],
      validation,
      patience: 1,
      learningRate: 0,
      epochs: 5,
      unfreezeLearningRate: 0,
      unfreezeEpochs: 5,
    });
    // One epoch to compare with, and one that is no better: in both stages.
    expect(epochsOf(impatient).map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
  });
});

describe("a run that is stopped in any stage goes on to the same bytes:", () => {
  const everywhere = [1, 8, 9, 10, 14];
  const variants: [string, FitOptions, number[]][] = [
    ["plain", {}, everywhere],
    ["validated", { validation }, [9, 14]],
    ["on cached features", { cache: true, unfreeze: ["bn.scale", "bn.bias"] }, everywhere],
    [
      "with a critic and momentum",
      { regularizer: "wasserstein", optimizer: "sgd", optimizerOptions: { momentum: 0.9 } },
      [10],
    ],
  ];
  test.each(variants)("%s", async (_, more, lengths) => {
    const whole = await run(more);
    for (const last of lengths) {
      const checkpoint = join(folder, `${last}.onnx`);
      const stopped = run({
        ...more,
        checkpoint,
        checkpointSeconds: 0,
        // Nothing of the step is saved yet.
        onProgress: ({ step }) => {
          if (step === last) throw new Error("stopped");
        },
      });
      await expect(stopped).rejects.toThrow("stopped");
      const resumed = await run({ ...more, checkpoint, resume: true });
      expect(bytes(resumed), `stopped at step ${last}`).toBe(bytes(whole));
      expect(resumed.history).toEqual(whole.history);
      expect(readdirSync(folder).filter((name) => name === "features")).toEqual([]);
    }
  });

  test("one that is finished goes on to nothing", async () => {
    const checkpoint = join(folder, "c.onnx");
    const whole = await run({ checkpoint });
    expect(existsSync(checkpoint)).toBe(true);
    const before = readFileSync(checkpoint, "base64");
    const steps: unknown[] = [];
    const again = await run({ checkpoint, resume: true, onProgress: (state) => steps.push(state) });
    expect([bytes(again), steps]).toEqual([bytes(whole), []]);
    expect(readFileSync(checkpoint, "base64")).toBe(before);
  });
});
