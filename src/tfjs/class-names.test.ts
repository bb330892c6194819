import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { afterAll, expect, test } from "vitest";
import { type Dataset, datasetFromArrays } from "../data/index.ts";
import { evaluate } from "./evaluate.ts";
import { fit } from "./fit.ts";
import { loadLayersModel, saveLayersModel } from "./layers-model-file.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-tfjs-names-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Dark and light images, 20 of each. */
const data = (classNames: readonly string[]): Dataset =>
  datasetFromArrays({
    name: "levels",
    shape: [1, 2, 2],
    pixels: Uint8Array.from({ length: 160 }, (_, i) => (Math.floor(i / 4) % 2 === 0 ? 30 : 220) + (i % 3)),
    labels: Array.from({ length: 40 }, (_, i) => (classNames[0] === "dark" ? i % 2 : 1 - (i % 2))),
    classNames,
  });

const quiet = { onNote: () => undefined, threads: 1 } as const;

test("a model remembers its classes, also when it is saved and loaded, and labels are matched by name", async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [2, 2, 1] }),
      tf.layers.dense({
        units: 2,
        activation: "softmax",
        kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
      }),
    ],
  });
  model.setUserDefinedMetadata({ author: "someone" });
  await fit(model, data(["dark", "light"]), {
    ...quiet,
    method: "base",
    epochs: 30,
    batchSize: 10,
    learningRate: 0.05,
  });
  const first = await evaluate(model, data(["dark", "light"]), quiet);
  expect(first.cleanAccuracy.value).toBe(1);
  expect(first.notes.join()).not.toMatch(/name its classes/);

  await saveLayersModel(model, folder);
  const loaded = await loadLayersModel(folder);
  expect(loaded.getUserDefinedMetadata()).toMatchObject({ author: "someone" });
  const turned = await evaluate(loaded, data(["light", "dark"]), quiet);
  expect(turned.cleanAccuracy.value).toBe(1);
  expect(turned.notes.join()).toMatch(/labels are matched by name/);
  await expect(evaluate(loaded, data(["light", "night"]), quiet)).rejects.toThrow(/"night"/);
});
