/** Training in blocks: the same losses as without them, the same bits when it is resumed, plain kernels in its files. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type FitOptions, fit } from "../src/api/index.ts";
import { rotation } from "../src/augment/index.ts";
import { datasetFromArrays } from "../src/data/index.ts";
import { cifarCnn } from "../src/models/index.ts";
import { readModel } from "../src/onnx/index.ts";
import { random } from "../src/tensor/index.ts";
import { weightsOf } from "./small-run.ts";
import { block, noBlocks } from "./tools/blocks.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-blocks-"));
afterAll(() => rmSync(folder, { recursive: true }));

const shape = [3, 19, 19] as const;
const rng = random(0, "photographs");
const data = datasetFromArrays({
  name: "noise",
  shape,
  pixels: Uint8Array.from({ length: 40 * 3 * 19 * 19 }, () => rng.integer(256)),
  labels: Array.from({ length: 40 }, (_, i) => i % 2),
  classNames: ["even", "odd"],
});
// Widths of whole blocks; 40 samples leave a batch of 8, which is none.
const model = () => cifarCnn({ shape, classes: 2, seed: 0, width: 16 });
const options: FitOptions = {
  method: "rwa",
  transforms: rotation({ degrees: [15, 30] }),
  epochs: 2,
  batchSize: 16,
  stepsPerLine: 1,
  threads: 1,
};

test("the losses are those of the plain lowering", async ({ skip }) => {
  if (noBlocks) skip(noBlocks);
  const blocked = await fit(model(), data, options);
  const plain = await fit(model(), data, { ...options, lowering: "plain" });
  expect(blocked.manifest.config.block).toBe(block);
  expect(plain.manifest.config.block).toBeNull();
  expect(blocked.history).toHaveLength(plain.history.length);
  blocked.history.forEach(({ loss }, i) => {
    expect(Math.abs(loss / plain.history[i].loss - 1)).toBeLessThan(1e-5);
  });
  // Other kernels round differently: it was indeed another lowering.
  expect(weightsOf(blocked.model)).not.toEqual(weightsOf(plain.model));
});

test("a resumed run ends in the same bits, and files hold plain kernels", async () => {
  const unbroken = await fit(model(), data, options);
  const checkpoint = join(folder, "checkpoint.onnx");
  const saved: FitOptions = { ...options, checkpoint, checkpointSeconds: 0, resume: true };
  const stopped = fit(model(), data, {
    ...saved,
    onProgress: ({ step }) => {
      if (step === 3) throw new Error("stopped");
    },
  });
  await expect(stopped).rejects.toThrow("stopped");
  const resumed = await fit(model(), data, saved);
  expect(weightsOf(resumed.model)).toEqual(weightsOf(unbroken.model));

  const state = readModel(readFileSync(checkpoint), checkpoint).graph.initializers.get("slot:0")!;
  const kernel = resumed.model.graph.initializers.get("conv2.weight")!.data as Float32Array;
  const held = Array.from(state.data as Float32Array);
  const start = held.indexOf(kernel[0]);
  expect(held.slice(start, start + kernel.length)).toEqual(Array.from(kernel));
});
