/** Our classifiers against PyTorch's of the same weights (tools/fixtures/models.py), and a short training of each. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fit } from "../src/api/index.ts";
import { datasetFromArrays } from "../src/data/index.ts";
import { type ModelOptions, modelByName, models } from "../src/models/index.ts";
import { readModel } from "../src/onnx/index.ts";
import { createSession } from "../src/runtime/index.ts";
import { random } from "../src/tensor/index.ts";
import { bufferNames, trainableNames } from "../src/parameters/index.ts";

// LeNet is cifarLenet with padding, and has no fixture of its own.
const compared = Object.keys(models).filter((name) => name !== "lenet");

test.each(compared)("%s has PyTorch's names, and with its weights PyTorch's logits", async (name) => {
  const path = join(import.meta.dirname, "fixtures", "models", `${name}.onnx`);
  const { graph: fixture, metadata } = readModel(readFileSync(path), path);
  const { images, logits: expected, ...weights } = Object.fromEntries(fixture.initializers);
  const { graph } = modelByName(name, {
    shape: images.shape.slice(1) as unknown as ModelOptions["shape"],
    classes: 10,
    seed: 0,
    width: metadata.width === undefined ? undefined : Number(metadata.width),
  });
  const ours = [...trainableNames(graph), ...bufferNames(graph)];
  expect(ours.sort()).toEqual(Object.keys(weights).sort());
  for (const key of ours) expect(graph.initializers.get(key)!.shape, key).toEqual(weights[key].shape);

  const initializers = new Map([...graph.initializers, ...Object.entries(weights)]);
  const session = await createSession({ ...graph, initializers }, { threads: 1 });
  const { logits } = await session.run({ images });
  await session.release();
  expect(logits.data as Float32Array).toBeAllClose(expected.data as Float32Array, { atol: 1e-5 });
});

test.each(Object.keys(models))("%s learns a few images", async (name) => {
  const shape = [3, 20, 20] as const;
  const labels = [0, 1, 0, 1, 0, 1, 0, 1];
  const rng = random(0, "images");
  // One class is bright in its red channel, the other in its blue one.
  const pixels = Uint8Array.from(
    labels.flatMap((label) =>
      Array.from(
        { length: 1200 },
        (_, i) => rng.integer(128) + (Math.floor(i / 400) === 2 * label ? 127 : 0),
      ),
    ),
  );
  const data = datasetFromArrays({ name: "colours", shape, pixels, labels, classNames: ["red", "blue"] });
  const width = ["lenet", "cifarLenet"].includes(name) ? undefined : 8;
  const { history } = await fit(modelByName(name, { shape, classes: 2, seed: 0, width }), data, {
    method: "base",
    epochs: 12,
    batchSize: 8,
    learningRate: 0.01,
    threads: 1,
  });
  const losses = history.filter(({ kind }) => kind === "epoch").map(({ loss }) => loss);
  expect(losses).toHaveLength(12);
  expect(losses[11]).toBeLessThan(0.7 * losses[0]);
});
