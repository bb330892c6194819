import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { data, greyLevels, options, smallNet, twoLayers, weightsOf } from "../../test/small-run.ts";
import { type ImageSource, datasetFromArrays, subset } from "../data/index.ts";
import { CheckpointError } from "../train/index.ts";
import { type FitOptions, type FitResult, evaluate, fit } from "./index.ts";

const validation = greyLevels(25, 9);
const quiet = { onNote: () => undefined };
const base: FitOptions = { ...options, ...quiet, epochs: 4, learningRate: 0.02, validation };
const run = (more: FitOptions = {}) => fit(smallNet(), data, { ...base, ...more });
const scoresOf = ({ history }: FitResult) =>
  history.flatMap(({ kind, validation }) => (kind === "epoch" ? [validation!] : []));

describe("validation after each epoch", () => {
  test("is what evaluate says of the weights at its end", async () => {
    const scores = scoresOf(await run());
    expect(scores).toHaveLength(4);
    for (const epochs of [1, 3]) {
      const { model } = await run({ epochs, validation: undefined });
      const { transforms } = options;
      const tested = await evaluate(model, validation, { transforms, ...quiet });
      const { clean, robust, cleanLoss, robustLoss } = scores[epochs - 1];
      expect(clean).toBe(tested.cleanAccuracy.value);
      expect(robust).toBe(tested.robustAccuracy.value);
      expect(cleanLoss).toBeCloseTo(tested.bound.crossEntropy.cleanRisk, 10);
      expect(robustLoss).toBeCloseTo(tested.bound.crossEntropy.worstCaseRisk, 10);
    }
  });

  test("tells how far it is, after each epoch", async () => {
    const told: string[] = [];
    const { history } = await run({
      epochs: 2,
      onValidationProgress: (done, total) => told.push(`${done}/${total}`),
    });
    const ends = told.filter((each) => each.split("/")[0] === each.split("/")[1]);
    expect(ends).toHaveLength(2);
    expect(new Set(ends).size).toBe(1);
    expect(history.filter((line) => "validation" in line)).toHaveLength(2);
  });

  test("changes nothing of the training", async () => {
    const plain = await run({ validation: undefined });
    const last = await run({ keep: "last" });
    expect(weightsOf(last.model)).toEqual(weightsOf(plain.model));
    expect(last.kept).toEqual({ epoch: 4, validation: scoresOf(last)[3] });
    expect(plain.kept).toBeNull();
    expect(plain.history.some((line) => "validation" in line)).toBe(false);
  });
});

/** The epoch that should be kept, by its definition. */
const best = (run: FitResult, by: "clean" | "robust") => {
  const scores = scoresOf(run);
  const order = scores.map((_, i) => i);
  order.sort((a, b) => scores[b][by] - scores[a][by] || scores[a][`${by}Loss`] - scores[b][`${by}Loss`]);
  return order[0] + 1;
};

describe("the epoch that is kept", () => {
  // So large a rate that accuracy goes up and down.
  const shaky: FitOptions = { learningRate: 1, epochs: 5, optimizer: "sgd" };

  test.each([
    ["rwa", "robust"],
    ["va", "robust"],
    ["base", "clean"],
  ] as const)("of %s is the one with the highest %s accuracy", async (method, by) => {
    const all = await run({ ...shaky, method });
    expect(all.kept!.epoch).toBe(best(all, by));
    expect(all.kept!.validation).toEqual(scoresOf(all)[all.kept!.epoch - 1]);
    const until = await run({ ...shaky, method, epochs: all.kept!.epoch, keep: "last" });
    expect(weightsOf(all.model)).toEqual(weightsOf(until.model));
    expect(all.manifest.config.kept).toEqual(all.kept);
  });

  test("is not the last one in every run", async () => {
    const all = await run({ ...shaky, method: "va" });
    expect(all.kept!.epoch).toBe(4);
  });
});

describe("patience", () => {
  test("ends a run whose accuracy does not rise", async () => {
    const notes: string[] = [];
    const still = await fit(twoLayers(), data, {
      ...base,
      learningRate: 0,
      optimizer: "sgd",
      epochs: 9,
      patience: 2,
      onNote: (note) => notes.push(note),
    });
    expect(scoresOf(still)).toHaveLength(3);
    expect(still.history.at(-1)!.step).toBe(9);
    expect(notes).toContainEqual(
      expect.stringMatching(/^Training ended after epoch 3 of 9: .* for 2 epochs/),
    );
  });

  test("is begun anew by each rise", async () => {
    const all = await run({ epochs: 8 });
    const robust = scoresOf(all).map((scores) => scores.robust);
    const patience = 2;
    const end = robust.findIndex(
      (_, i) => i - robust.indexOf(Math.max(...robust.slice(0, i + 1))) >= patience,
    );
    const stopped = await run({ epochs: 8, patience });
    expect(scoresOf(stopped)).toEqual(scoresOf(all).slice(0, end < 0 ? 8 : end + 1));
  });
});

describe("a stopped run", () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "alignreg-"))));
  afterAll(() => rmSync(folder, { recursive: true }));

  class Stop extends Error {}

  test("goes on to the same weights, of the epoch that is best, and the same end", async () => {
    const settings: FitOptions = { learningRate: 0.3, epochs: 6, optimizer: "sgd", patience: 3 };
    const unbroken = await run(settings);
    const steps = unbroken.history.at(-1)!.step;
    const saved: FitOptions = {
      ...settings,
      checkpoint: join(folder, "run.onnx"),
      checkpointSeconds: 0,
      resume: true,
    };
    for (let stop = 2; stop <= steps; stop += 4) {
      const stopped = run({
        ...saved,
        onProgress: ({ step }) => {
          if (step === stop) throw new Stop();
        },
      });
      await expect(stopped).rejects.toThrow(Stop);
    }
    const resumed = await run(saved);
    expect(resumed.history).toEqual(unbroken.history);
    expect(resumed.kept).toEqual(unbroken.kept);
    expect(weightsOf(resumed.model)).toEqual(weightsOf(unbroken.model));
    // A run that ended early is over.
    const starts: number[] = [];
    const again = await run({ ...saved, onStart: (step) => starts.push(step) });
    expect(starts).toEqual([steps]);
    expect(weightsOf(again.model)).toEqual(weightsOf(unbroken.model));
    await expect(run({ ...saved, validation: greyLevels(25, 8) })).rejects.toThrow(CheckpointError);
    await expect(run({ ...saved, validation: undefined, patience: undefined })).rejects.toThrow(
      CheckpointError,
    );
  });
});

describe("validation images", () => {
  const arrays = (more: object) =>
    datasetFromArrays({
      name: "other",
      shape: [1, 8, 8],
      pixels: new Uint8Array(4 * 64),
      labels: [0, 1, 0, 1],
      classNames: ["light", "dark"],
      ...more,
    });

  test("are matched by the names of their classes", async () => {
    const names = ["light", "dark", "grey"];
    const renamed: ImageSource = {
      ...validation,
      name: "other",
      hash: "other",
      shape: validation.shape,
      labels: validation.labels.map((label) => [1, 2, 0][label]),
      classNames: names,
      read: (indices, out) => validation.read(indices, out),
    };
    expect(scoresOf(await run({ validation: renamed }))).toEqual(scoresOf(await run()));
  });

  test.each([
    [{ classNames: ["dark", "blue"] }, /have the class "blue", which grey levels has not.*dark, grey, light/],
    [{ shape: [1, 4, 16] }, /are \[1,4,16\], those of grey levels \[1,8,8\]/],
  ])("that do not fit are refused: %o", async (more, message) => {
    await expect(run({ validation: arrays(more) })).rejects.toThrow(message);
  });

  test("that are none, or no data set, are refused, and so are options that need them", async () => {
    const labels = new Int32Array(0);
    await expect(
      run({ validation: { ...validation, name: "none", labels, pixels: new Uint8Array(0) } }),
    ).rejects.toThrow(/The validation images, none, are none/);
    await expect(run({ validation: {} as ImageSource })).rejects.toThrow(/validation/);
    for (const useless of [{ keep: "last" }, { patience: 2 }] as FitOptions[])
      await expect(run({ validation: undefined, ...useless })).rejects.toThrow(
        /goes by scores on validation images/,
      );
  });

  test("that are trained on, too few, or lack a class are noted", async () => {
    const notesOf = async (validation: ImageSource) =>
      (await run({ epochs: 1, validation })).notes.join("\n");
    expect(await notesOf(data)).toMatch(/The validation images are among those that are trained on/);
    const few = subset(
      validation,
      [...validation.labels.keys()].filter((i) => validation.labels[i] < 2).slice(0, 5),
      "few",
    );
    expect(await notesOf(few)).toMatch(/no validation image of light.*\n.*Validation has 5 images/);
    expect(await notesOf(validation)).not.toMatch(/validation image|Validation has/);
  });

  test("at chance are noted", async () => {
    const still = { ...base, learningRate: 0, epochs: 1 };
    expect((await fit(twoLayers(), data, still)).notes.join("\n")).toMatch(
      /validation accuracy of epoch 1, .* is no better than chance/,
    );
  });
});
