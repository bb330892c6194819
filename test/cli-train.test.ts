import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { version } from "../src/api/index.ts";
import { sha256 } from "../src/api/manifest.ts";
import { rotation } from "../src/augment/index.ts";
import { readModel } from "../src/onnx/index.ts";
import { testRecordSchema } from "../src/report/index.ts";
import { random } from "../src/tensor/index.ts";
import { cli, cliHere } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-train-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (...names: readonly string[]) => join(folder, ...names);
const json = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

describe("train", () => {
  const out = inFolder("new", "nested", "rwa");
  const command = ["train", "--limit", "512", "--epochs", "2", "--batch-size", "32", "--out", out];

  test("writes a model, a line of metrics now and then, and a manifest", async () => {
    const { code, stdout, stderr } = await cli(...command);
    expect(code, stderr).toBe(0);
    expect(readdirSync(out).sort()).toEqual([
      "MODEL_CARD.md",
      "classifier.json",
      "manifest.json",
      "metrics.jsonl",
      "model.onnx",
      "weights.safetensors",
    ]);
    expect(stdout).toMatch(
      /^rwa, 2 epochs of 512 images: last epoch's training loss [\d.]+, accuracy [\d.]+ %/,
    );
    expect(stdout).toContain(join(out, "model.onnx"));
    expect(stderr).toMatch(
      /rwa 50\.0 % {2}epoch 1\/2 {2}loss [\d.]+ {2}accuracy [\d.]+ % {2}[\d,]+ images\/s/,
    );

    expect(json(join(out, "classifier.json"))).toEqual({
      schema: "alignreg-classifier",
      version: 1,
      model: "model.onnx",
      files: { "model.onnx": sha256(readFileSync(join(out, "model.onnx"))) },
      architecture: "lenet",
      parameters: 61706,
      input: {
        ...{ name: "images", layout: "NCHW", imageShape: [1, 28, 28] },
        ...{ range: 1, channelOrder: "rgb", normalization: "none", mean: null, std: null },
      },
      logits: { name: "logits", isOutput: true },
      output: { name: "logits", gives: "logits" },
      classNames: Array.from({ length: 10 }, (_, i) => String(i)),
      temperature: 1,
      pictures: null,
      transforms: { rotation: { degrees: [15, 30, 45, 60], fill: "zero", interpolation: "bilinear" } },
      validation: null,
      calibration: null,
      training: {
        ...{ alignreg: version, from: "lenet", heldOut: null, method: "rwa", regularizer: "squaredL2" },
        ...{ alignmentWeight: 0.1, transforms: { name: "rotation", views: 5 }, epochs: 2, batchSize: 32 },
        ...{ optimizer: "adam", learningRate: 1e-3, seed: 0, trainedParameters: 61706 },
        data: {
          name: expect.any(String) as string,
          sha256: expect.any(String) as string,
          images: 512,
          classes: expect.any(Array) as unknown[],
        },
      },
    });
    expect(readFileSync(join(out, "MODEL_CARD.md"), "utf8")).toMatch(
      /An image classifier of 10 classes: the network lenet, 61,706 numbers in its weights.*- Method `rwa`, alignment by `squaredL2` with λ = 0\.1\..*It was not validated/s,
    );
    const { graph, metadata } = readModel(readFileSync(join(out, "model.onnx")));
    expect(graph.inputs).toMatchObject([{ dtype: "float32", shape: ["N", 1, 28, 28] }]);
    expect(JSON.parse(metadata["alignreg.classNames"])).toEqual([..."0123456789"]);

    const lines = readFileSync(join(out, "metrics.jsonl"), "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { kind: "epoch", epoch: 1, step: 16 },
      { kind: "epoch", epoch: 2, step: 32, learningRate: 1e-3, loss: expect.any(Number) as number },
    ]);
    expect(json(join(out, "manifest.json"))).toMatchObject({
      command: `alignreg ${command.join(" ")}`,
      config: { method: "rwa", alignmentWeight: 0.1, epochs: 2, batchSize: 32, optimizer: "adam", seed: 0 },
      data: { samples: 512 },
      versions: { node: process.versions.node },
    });
  });

  test("makes the same bytes from the same seed, and others from another", async () => {
    const modelOf = async (name: string, seed: string) => {
      const args = ["--limit", "128", "--epochs", "1", "--seed", seed, "--out", inFolder(name)];
      const { code, stderr } = await cliHere("train", ...args);
      expect(code, stderr).toBe(0);
      return readFileSync(inFolder(name, "model.onnx"));
    };
    const first = await modelOf("seed-3", "3");
    expect(first.equals(await modelOf("seed-3-again", "3"))).toBe(true);
    expect(first.equals(await modelOf("seed-4", "4"))).toBe(false);
  });

  test("takes the options of every method with base, and says which have no effect", async () => {
    const { code, stderr } = await cliHere(
      ...["train", "--data", "mnist", "--model", "lenet", "--method", "base", "--regularizer", "squaredL2"],
      ...["--transforms", "rotation", "--lambda", "0.1", "--epochs", "1", "--batch-size", "64"],
      ...["--optimizer", "sgd", "--lr", "0.01", "--seed", "1", "--limit", "128", "--out", inFolder("base")],
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(
      'note: training by the method "base" does not use --regularizer, --transforms, --lambda.\n',
    );
    expect(existsSync(inFolder("base", "model.onnx"))).toBe(true);
  });

  test("hands every option on to training", async () => {
    const { code, stderr } = await cliHere(
      ...["train", "--limit", "64", "--epochs", "1", "--batch-size", "16", "--out", inFolder("options")],
      ...["--lambda", "0.3", "--lambda-warm-up", "5", "--selection", "batch", "--align", "softmax"],
      ...["--stop-gradient", "clean", "--optimizer", "sgd", "--momentum", "0.9", "--nesterov"],
      ...["--weight-decay", "1e-4", "--lr", "0.02", "--schedule", "step", "--step-every", "2"],
      ...["--step-factor", "0.5", "--warm-up", "3", "--clip-norm", "1", "--seed", "7", "--threads", "1"],
      ...["--augmentation", "eager", "--provider", "cpu"],
    );
    expect(code, stderr).toBe(0);
    expect(json(inFolder("options", "manifest.json"))).toMatchObject({
      config: {
        method: "rwa",
        alignmentWeight: 0.3,
        alignmentWarmUp: 5,
        selection: "batch",
        align: "softmax",
        stopGradient: "clean",
        optimizer: "sgd",
        optimizerOptions: { momentum: 0.9, nesterov: true, weightDecay: 1e-4 },
        learningRate: 0.02,
        schedule: { kind: "step", every: 2, factor: 0.5, warmUp: 3 },
        clipNorm: 1,
        seed: 7,
        threads: 1,
        augmentation: "eager",
        executionProvider: "cpu",
      },
    });
  });
});

test.each([
  ["rmsprop", { alpha: 0.9, epsilon: 1e-7, momentum: 0.5, centered: true }],
  ["nadam", { beta1: 0.8, beta2: 0.99, momentumDecay: 0.01 }],
] as const)("every option of %s has a flag", async (optimizer, optimizerOptions) => {
  const flags = Object.entries(optimizerOptions).flatMap(([key, value]) => {
    const flag = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === true ? [flag] : [flag, String(value)];
  });
  const { code, stderr } = await cliHere(
    ...["train", "--method", "base", "--limit", "32", "--epochs", "1", "--out", inFolder(optimizer)],
    ...["--optimizer", optimizer, ...flags],
  );
  expect(code, stderr).toBe(0);
  const { config } = json(inFolder(optimizer, "manifest.json")) as { config: unknown };
  expect(config).toMatchObject({ optimizer, optimizerOptions });
});

const interval = z.object({ value: z.number(), low: z.number(), high: z.number() }).strict();

const boundTerms = z
  .object({
    cleanRisk: z.number(),
    meanGap: z.number(),
    sum: z.number(),
    worstCaseRisk: z.number(),
    holds: z.boolean(),
  })
  .strict();

/** What `alignreg evaluate --json` writes. */
const calibrationError = z.strictObject({ before: z.number(), after: z.number().nullable() });
const rightOf = z.strictObject({ images: z.number(), right: z.number() });
const scoresSchema = z
  .object({
    schema: z.literal("alignreg-test"),
    version: z.literal(1),
    perClass: testRecordSchema.shape.perClass,
    hardest: testRecordSchema.shape.hardest,
    cleanAccuracy: interval,
    robustAccuracy: interval,
    invarianceScore: interval,
    members: z.array(
      z.object({ name: z.string(), accuracy: z.number(), low: z.number(), high: z.number() }).strict(),
    ),
    alignmentGap: z.object({ mean: interval, max: z.number(), quantiles: z.array(z.unknown()) }).strict(),
    efficiency: z.number(),
    calibration: z.strictObject({
      bins: z.literal(15),
      temperature: z.number().nullable(),
      clean: calibrationError,
      shifted: calibrationError,
    }),
    stability: z
      .strictObject({
        agreeing: rightOf,
        others: rightOf,
        areaUnderCurve: z.number().nullable(),
        areaOfProbability: z.number().nullable(),
      })
      .nullable(),
    bound: z.object({ error: boundTerms, softmaxError: boundTerms, crossEntropy: boundTerms }).strict(),
    samples: z.number(),
    classes: z.number(),
    notes: z.array(z.string()),
    manifest: z.object({
      command: z.string(),
      data: z.object({ name: z.string(), samples: z.number(), sha256: z.string() }),
      model: z.object({ name: z.string(), sha256: z.string() }),
    }),
  })
  .strict();

describe("evaluate", () => {
  const model = inFolder("to-test", "model.onnx");
  beforeAll(async () => {
    const out = inFolder("to-test");
    const { code, stderr } = await cliHere("train", "--limit", "640", "--epochs", "1", "--out", out);
    expect(code, stderr).toBe(0);
  });

  test("--embedding and --distance say what the invariance score compares", async () => {
    const lenet = join(import.meta.dirname, "fixtures/evaluate/lenet.onnx");
    const compared = ["--embedding", "relu4", "--distance", "cosine"];
    const { code, stdout, stderr } = await cli("evaluate", lenet, "--limit", "60", ...compared);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/invariance score, cosine, relu4 +│/);
    const unknown = await cli("evaluate", lenet, "--limit", "60", "--embedding", "fc7");
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain(
      'The model has no tensor "fc7". Its outputs are: logits. The last of its inner',
    );
  });

  test("prints a table, and writes the scores as JSON", async () => {
    const path = inFolder("scores", "rwa.json");
    const { code, stdout, stderr } = await cli("evaluate", model, "--limit", "200", "--json", path);
    expect(code, stderr).toBe(0);
    const scores = scoresSchema.parse(json(path));
    expect(scores.samples).toBe(200);
    expect(scores.members.map(({ name }) => name)).toEqual(rotation().members.map(({ name }) => name));
    expect(scores.members[0]).toEqual({
      name: "identity",
      accuracy: scores.cleanAccuracy.value,
      low: scores.cleanAccuracy.low,
      high: scores.cleanAccuracy.high,
    });
    expect(scores.robustAccuracy.value).toBeLessThanOrEqual(scores.cleanAccuracy.value);
    expect((json(inFolder("to-test", "manifest.json")) as { model: unknown }).model).toMatchObject({
      sha256: scores.manifest.model.sha256,
    });
    expect(stdout).toMatch(/^Calibration error [\d.]+ % clean, [\d.]+ % under shifts \(15 bins\)\.$/m);
    const percent = (100 * scores.robustAccuracy.value).toFixed(1);
    expect(stdout).toMatch(new RegExp(`robust accuracy +│ +${percent} │`));
    const { cleanRisk, meanGap, sum, worstCaseRisk, holds } = scores.bound.softmaxError;
    const columns = [cleanRisk, meanGap, sum, worstCaseRisk].map((x) => x.toFixed(3)).join(" │ +");
    expect(stdout).toMatch(new RegExp(`total variation │ +${columns} │ +(yes|trivially) │`));
    expect(holds).toBe(true);
    expect(stdout).toMatch(/accuracy, rotation 60°/);
  });

  test("--json - prints the JSON and nothing else", async () => {
    const { code, stdout } = await cliHere("evaluate", model, "--limit", "50", "--json", "-");
    expect(code).toBe(0);
    expect(scoresSchema.parse(JSON.parse(stdout)).samples).toBe(50);
  });

  test("--output names another tensor, --split the training images", async () => {
    const args = [
      "evaluate",
      model,
      "--limit",
      "50",
      "--split",
      "train",
      "--output",
      "Gemm_1",
      "--json",
      "-",
    ];
    const { code, stdout, stderr } = await cliHere(...args);
    expect(code, stderr).toBe(0);
    const { classes, manifest } = scoresSchema.parse(JSON.parse(stdout));
    expect(classes).toBe(120);
    expect(manifest.data.name).toBe("mnist/train, sample of 50");
  });
});

describe("a folder of images by class", () => {
  const photos = inFolder("photos");

  /** Bars across, bars down, and a blot in a corner, 20×16 pixels with noise. */
  const patterns: Record<string, (x: number, y: number) => boolean> = {
    across: (_x, y) => y % 6 < 3,
    blot: (x, y) => x < 10 && y < 10,
    down: (x) => x % 6 < 3,
  };

  beforeAll(async () => {
    const [width, height] = [20, 16];
    for (const [split, count] of [
      ["train", 24],
      ["test", 8],
    ] as const) {
      for (const [name, isBright] of Object.entries(patterns)) {
        mkdirSync(join(photos, split, name), { recursive: true });
        for (let i = 0; i < count; i++) {
          const rng = random(i, split, name);
          const pixels = Uint8Array.from({ length: width * height }, (_, at) => {
            const value = isBright(at % width, Math.floor(at / width)) ? 200 : 40;
            return value + rng.integer(50);
          });
          const image = sharp(pixels, { raw: { width, height, channels: 1 } });
          await image.png().toFile(join(photos, split, name, `${i}.png`));
        }
      }
    }
  });

  test("trains and tests end to end", async () => {
    const data = ["--data", photos, "--image-size", "16", "--channels", "1"];
    const out = inFolder("photos-run");
    const trained = await cli(
      "train",
      ...data,
      "--epochs",
      "12",
      "--batch-size",
      "8",
      "--lr",
      "0.003",
      "--out",
      out,
    );
    expect(trained.code, trained.stderr).toBe(0);
    const { graph, metadata } = readModel(readFileSync(join(out, "model.onnx")));
    expect(graph.inputs[0].shape).toEqual(["N", 1, 16, 16]);
    expect(JSON.parse(metadata["alignreg.classNames"])).toEqual(["across", "blot", "down"]);

    const tested = await cliHere("evaluate", join(out, "model.onnx"), ...data, "--json", "-");
    expect(tested.code, tested.stderr).toBe(0);
    const { samples, cleanAccuracy } = scoresSchema.parse(JSON.parse(tested.stdout));
    expect(samples).toBe(24);
    expect(cleanAccuracy.value).toBeGreaterThan(0.8);
  });
});
