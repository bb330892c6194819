/** Frozen features from the command line: kept by a training in two stages, and by a test of what it made. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cliHere } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-features-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const out = join(folder, "run");
const net = ["--model", "resnet18", "--width", "2", "--trainable", "linear.*", "--batch-size", "20"];

const filesIn = (path: string) => readdirSync(path, { recursive: true, encoding: "utf8" }).sort();

test("a run in two stages keeps features until it is finished, and says what it does", async () => {
  const stages = [
    "--epochs",
    "3",
    "--unfreeze",
    "layer4.1.*",
    "--unfreeze-epochs",
    "2",
    "--unfreeze-lr",
    "0.002",
  ];
  const { code, stdout, stderr } = await cliHere("train", "--limit", "60", ...net, ...stages, "--out", out);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(
    /First linear\.\S+, linear\.\S+ train for 3 epochs; then .* for 2 epochs at a learning rate of 0\.002/,
  );
  expect(stderr).toMatch(
    /The frozen part, \d+ % of the model's work, is computed once for 60 images × 5 views: 16 numbers each/,
  );
  expect(stdout + stderr).toMatch(/rwa, 5 epochs of 60 images/);
  expect(filesIn(out)).toEqual([
    ...["MODEL_CARD.md", "classifier.json", "manifest.json", "metrics.jsonl", "model.onnx"],
    "weights.safetensors",
  ]);
  const epochs = readFileSync(join(out, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  expect(epochs).toMatchObject(
    [1, 2, 3, 4, 5].map((epoch) => ({ kind: "epoch", epoch, learningRate: epoch > 3 ? 0.002 : 0.001 })),
  );
  const again = await cliHere("train", "--out", out, "--resume");
  expect([again.code, again.stdout + again.stderr]).toEqual([
    0,
    expect.stringContaining("is finished already"),
  ]);
});

test("a test keeps features too, and finds them again", async () => {
  const model = join(out, "model.onnx");
  const cache = join(folder, "test-cache");
  const evaluated = async (...more: string[]) => {
    const { code, stdout, stderr } = await cliHere(
      "evaluate",
      model,
      "--limit",
      "60",
      "--json",
      "-",
      ...more,
    );
    expect(code, stderr).toBe(0);
    return { scores: JSON.parse(stdout) as Record<string, unknown>, stderr };
  };
  const plain = await evaluated();
  const filled = await evaluated("--cache", cache);
  const files = filesIn(cache);
  const read = await evaluated("--cache", cache);
  expect(filled.stderr).toMatch(
    /What .*model\.onnx does before its last layer is kept for 60 images × 5 views/,
  );
  expect(filesIn(cache)).toEqual(files);
  expect(filled.stderr).toMatch(/frozen part of 300 views$/m);
  expect(read.stderr).toMatch(/frozen part of 300 views, kept from before$/m);
  for (const { scores } of [filled, read]) {
    expect(scores.cleanAccuracy).toEqual(plain.scores.cleanAccuracy);
    expect(scores.robustAccuracy).toEqual(plain.scores.robustAccuracy);
  }
});
