/** TensorFlow.js folders that name files which are not theirs, or are no files. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { loadClassifier } from "../../src/api/index.ts";
import { AlignregError } from "../../src/tensor/index.ts";
import { loadLayersModel } from "../../src/tfjs/index.ts";

const root = mkdtempSync(join(tmpdir(), "alignreg-layers-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folder = join(root, "model");

const kernel = Uint8Array.from(new Uint8Array(Float32Array.from({ length: 12 }, (_, i) => i).buffer));
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(join(root, "secret.bin"), kernel);
});

/** A linear classifier of images 2×2 of one channel, whose weights lie in the file `path`. */
function writeModel(path: string): void {
  const layers = [
    { class_name: "Flatten", config: { name: "flatten", batch_input_shape: [null, 2, 2, 1] } },
    { class_name: "Dense", config: { name: "dense", units: 3, use_bias: false, activation: "softmax" } },
  ];
  const config = { class_name: "Sequential", config: { name: "sequential", layers } };
  const weights = [{ name: "dense/kernel", shape: [4, 3], dtype: "float32" }];
  const modelTopology = { keras_version: "2.15.0", backend: "tensorflow", model_config: config };
  const json = { format: "layers-model", modelTopology, weightsManifest: [{ paths: [path], weights }] };
  writeFileSync(join(folder, "model.json"), JSON.stringify(json));
}

const doors = [
  ["loadClassifier", () => loadClassifier(folder)],
  ["loadLayersModel", () => loadLayersModel(folder)],
] as const;

describe.each(doors)("%s", (_, load) => {
  test.each([
    "..%2fsecret.bin",
    "%2e%2e/secret.bin",
    "%2e%2e%2fsecret.bin",
    "..%5csecret.bin",
    "%252e%252e%252fsecret.bin",
    "..／secret.bin",
    "file%3A%2F%2F%2Fetc%2Fpasswd",
    "w.bin?/../secret.bin",
    "w.bin#",
  ])("takes %s for the name of a file in the folder", async (name) => {
    writeModel(name);
    await expect(load()).rejects.toThrow(AlignregError);
    if (name.includes("/")) return;
    // As it is: a file may be called so.
    writeFileSync(join(folder, name), kernel);
    await load();
  });

  test.each([
    ["a link out of the folder", "outside the model's folder", "ln -s ../secret.bin"],
    ["a pipe", "it is a pipe, no regular file", "mkfifo"],
    ["a link to a device", "outside the model's folder", "ln -s /dev/zero"],
    ["a folder", "it is a folder, no regular file", "mkdir"],
  ])("refuses %s, and waits for nobody", async (_, message, command) => {
    writeModel("w.bin");
    execFileSync("sh", ["-c", `${command} w.bin`], { cwd: folder });
    await expect(load()).rejects.toThrow(message);
    rmSync(join(folder, "w.bin"), { recursive: true });
    writeFileSync(join(folder, "w.bin"), kernel);
    await load();
  });

  test("refuses a pipe for a model.json, and passes over one for its metadata", async () => {
    writeModel("w.bin");
    writeFileSync(join(folder, "w.bin"), kernel);
    execFileSync("mkfifo", [join(folder, "metadata.json")]);
    await load();
    rmSync(join(folder, "model.json"));
    execFileSync("mkfifo", [join(folder, "model.json")]);
    await expect(load()).rejects.toThrow(/is a pipe|regular file/);
    rmSync(join(folder, "model.json"));
    symlinkSync("/dev/zero", join(folder, "model.json"));
    await expect(load()).rejects.toThrow(/is a device|regular file/);
  });
});
