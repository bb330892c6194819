/** Keras' files on the command line and in studies: in, trained, and home beside the ONNX file. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fit, loadClassifier, saveClassifier } from "../src/api/index.ts";
import { rotation } from "../src/augment/index.ts";
import { imagesAt } from "../src/data/index.ts";
import { runStudy } from "../src/index.ts";
import { readModel } from "../src/onnx/index.ts";
import { openClassifier } from "../src/runtime/index.ts";
import { cliHere } from "./cli-process.ts";
import { kerasFixture, noisyLevels } from "./keras-case.ts";
import { useCompiledProcesses } from "./tools/compiled-processes.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-cli-keras-"));
useCompiledProcesses();
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (...names: readonly string[]) => join(folder, ...names);
const text = (...names: readonly string[]) => readFileSync(inFolder(...names), "utf8");

const data = noisyLevels([1, 12, 12], 5, 40);
const photos = inFolder("photos");

/** The images as a folder of photographs, train and test alike. */
beforeAll(async () => {
  for (const split of ["train", "test"]) {
    for (const [i, label] of data.labels.entries()) {
      const class_ = join(photos, split, data.classNames[label]);
      mkdirSync(class_, { recursive: true });
      const shift = split === "test" ? 1 : 0;
      const pixels = Uint8Array.from(imagesAt(data, [i]).data, (value) => Math.round(255 * value) + shift);
      await sharp(pixels, { raw: { width: 12, height: 12, channels: 1 } })
        .png()
        .toFile(join(class_, `${i}.png`));
    }
  }
  cpSync(kerasFixture("sequential.keras"), inFolder("net.keras"));
});

const flags = ["--data", photos, "--channels", "1", "--epochs", "1", "--batch-size", "20", "--threads", "1"];
const train = async (out: string, ...more: readonly string[]) => {
  const { code, stdout, stderr } = await cliHere("train", ...flags, "--out", inFolder(out), ...more);
  expect(code, stderr).toBe(0);
  return { stdout, stderr };
};

describe("alignreg train --model net.keras", () => {
  const model = ["--model", inFolder("net.keras")];

  test("writes model.keras beside model.onnx, which say the same", async () => {
    const { stdout } = await train("run", ...model);
    expect(readdirSync(inFolder("run")).sort()).toEqual([
      "MODEL_CARD.md",
      "classifier.json",
      "manifest.json",
      "metrics.jsonl",
      "model.keras",
      "model.onnx",
      "weights.safetensors",
    ]);
    expect(stdout).toContain(inFolder("run", "model.keras"));
    const [ofKeras, ofOnnx] = await Promise.all(
      ["model.keras", "model.onnx"].map((name) => loadClassifier(inFolder("run", name))),
    );
    expect(ofKeras.graph.initializers).toEqual(ofOnnx.graph.initializers);
    const { metadata } = readModel(readFileSync(inFolder("run", "model.onnx")));
    expect(JSON.parse(metadata["alignreg.classNames"])).toEqual(data.classNames);
    expect(text("run", "weights.safetensors")).toContain('"first_conv/kernel"');

    // What ONNX Runtime makes of model.onnx by itself is what the classifier of model.keras says.
    const images = imagesAt(data, [0, 1, 2]);
    const session = await InferenceSession.create(inFolder("run", "model.onnx"));
    const [output] = Object.values(
      await session.run({ images: new Tensor("float32", images.data, images.shape) }),
    );
    const ours = await openClassifier(ofKeras.graph, { output: ofKeras.logits });
    expect(output.data).toBeAllClose(await ours.predict(images), { atol: 1e-5 });
    await Promise.all([session.release(), ours.release()]);
  });

  test("again, to other folders, makes the same bytes; --resume goes on with none that is finished", async () => {
    await train("again", ...model);
    for (const name of ["model.keras", "model.onnx", "weights.safetensors"]) {
      expect(readFileSync(inFolder("again", name)), name).toEqual(readFileSync(inFolder("run", name)));
    }
    expect((await train("again", ...model, "--resume")).stdout).toMatch(
      /is finished already: .*model\.keras/,
    );
  });

  test("a stopped run ends in the same bytes", async () => {
    const options = { batchSize: 20, epochs: 2, threads: 1, onNote: () => undefined };
    const checkpoint = inFolder("checkpoint.onnx");
    const stopped = fit(inFolder("net.keras"), data, {
      ...options,
      checkpoint,
      checkpointSeconds: 0,
      onProgress: ({ step }) => {
        if (step === 3) throw new Error("stop");
      },
    });
    await expect(stopped).rejects.toThrow("stop");
    const resumed = await fit(inFolder("net.keras"), data, { ...options, checkpoint, resume: true });
    const whole = await fit(inFolder("net.keras"), data, options);
    await saveClassifier(resumed.model, inFolder("resumed.keras"));
    await saveClassifier(whole.model, inFolder("whole.keras"));
    expect(readFileSync(inFolder("resumed.keras"))).toEqual(readFileSync(inFolder("whole.keras")));
  });

  test("a run over it leaves no model.keras of the earlier one, and none of somebody else's is lost", async () => {
    await train("again", "--overwrite", "--model", "lenet", "--image-size", "28");
    expect(existsSync(inFolder("again", "model.keras"))).toBe(false);
    mkdirSync(inFolder("mine"));
    cpSync(inFolder("net.keras"), inFolder("mine", "model.keras"));
    const { code, stderr } = await cliHere("train", ...flags, ...model, "--out", inFolder("mine"));
    expect(code).toBe(1);
    expect(stderr).toMatch(/already holds model\.keras without the manifest\.json of a run.*--overwrite/);
  });

  test("a model.h5 and a folder model-tfjs go home likewise", async () => {
    await train("h5", "--model", kerasFixture("sequential.h5"));
    expect(existsSync(inFolder("h5", "model.h5"))).toBe(true);
    await train("tfjs", "--model", join(kerasFixture("sequential.keras2.tfjs"), "model.json"));
    expect(readdirSync(inFolder("tfjs", "model-tfjs")).sort()).toEqual([
      "classifier.json",
      "group1-shard1of1.bin",
      "model.json",
    ]);
    await train("tfjs", "--model", kerasFixture("sequential.keras2.tfjs"), "--overwrite");
    await train("tfjs", "--overwrite", "--model", "lenet", "--image-size", "28");
    expect(existsSync(inFolder("tfjs", "model-tfjs"))).toBe(false);
  });
});

test("alignreg evaluate reads it, with names from a file", async () => {
  writeFileSync(inFolder("names.txt"), data.classNames.join("\n"));
  const args = [
    inFolder("run", "model.keras"),
    "--data",
    photos,
    "--channels",
    "1",
    "--class-map",
    inFolder("names.txt"),
    "--json",
    "-",
  ];
  const { code, stdout, stderr } = await cliHere("evaluate", ...args);
  expect(code, stderr).toBe(0);
  const scores = JSON.parse(stdout) as { samples: number; manifest: { model: { name: string } } };
  expect(scores.samples).toBe(40);
  expect(scores.manifest.model.name).toBe(inFolder("run", "model.keras"));
});

test("alignreg inspect names its weights as layers have them, and tries a step", async () => {
  const { code, stdout } = await cliHere("inspect", kerasFixture("frozen-layers.keras"));
  expect(code).toBe(0);
  expect(stdout).toMatch(/dense\/kernel .* yes/);
  expect(stdout).toMatch(/conv2d\/kernel .* no/);
  expect(stdout).toMatch(/note: 2 of 5 layers with weights stay as they are/);
  expect(stdout).toContain("Nothing stands against training it");
});

describe("a study", () => {
  const file = inFolder("study.yaml");
  const study = (model: string) =>
    writeFileSync(
      file,
      `name: keras\ndata: { name: ./photos, test: 10, channels: 1 }\nmodel: ${model}\nepochs: 1\nbatchSize: 20\nfamilies: [rotation]\nmethods: [base]\n`,
    );
  const run = () => runStudy(file, { out: inFolder("study"), jobs: 1 });

  test("trains a file's model in every cell, and each goes home", async () => {
    study("./net.keras");
    const { overview } = await run();
    expect(overview.total).toMatchObject({ failed: 0, left: 0 });
    const [cell] = readdirSync(inFolder("study", "cells"));
    expect(readdirSync(inFolder("study", "cells", cell))).toContain("model.keras");
    expect(text("study", "cells", cell, "config.json")).toContain('"file": "./net.keras"');
    // Both ways to write it name the same cells.
    study("{ file: ./net.keras }");
    expect((await run()).overview.total).toMatchObject({ failed: 0, left: 0 });
    expect(readdirSync(inFolder("study", "cells"))).toEqual([cell]);
  });

  test("refuses to mix another file's results with these", async () => {
    const before = readFileSync(inFolder("net.keras"));
    const { model } = await fit(inFolder("net.keras"), data, {
      transforms: rotation({ degrees: [30] }),
      epochs: 1,
      onNote: () => undefined,
    });
    await saveClassifier(model, inFolder("net.keras"));
    await expect(run()).rejects.toThrow(/Not as they were when this folder was begun: model/);
    writeFileSync(inFolder("net.keras"), before);
  });

  test("says before it trains anything that the model does not fit the images", async () => {
    study(kerasFixture("residual.keras"));
    await expect(run()).rejects.toThrow(/The model takes images \[3,13,13\]; the data's are \[1,13,13\]/);
  });

  test("says where it looked for a file that is not there", async () => {
    study("nets/net.keras");
    await expect(run()).rejects.toThrow(/There is no model .*nets.net\.keras\. Paths in a study start/);
  });
});
