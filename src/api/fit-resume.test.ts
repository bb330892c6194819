import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { data, greyLevels, options, smallNet, weightsOf } from "../../test/small-run.ts";
import { rotation } from "../augment/index.ts";
import { CheckpointError } from "../train/index.ts";
import { type FitOptions, fit } from "./index.ts";

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
    ["crop and flip, va", { method: "va", crop: 2, flip: true }],
    ["augmix with crop and flip", { method: "augmix", crop: 2, flip: true }],
    ["the hardest third by VICReg, rva", { method: "rva", regularizer: "vicreg", hardest: "1/3" }],
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
    await expect(resumed({}, smallNet(), greyLevels(42, 2))).rejects.toThrow(
      /The images are others than .*identity\.onnx .* "[0-9a-f]{64}" there, "[0-9a-f]{64}" now\. Put back/,
    );
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
