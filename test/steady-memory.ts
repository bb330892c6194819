/**
 * Trains a tiny net for 4,812 steps and prints the process's memory after every 401 of them, as JSON in MB:
 * all of it, as the system counts it, and what JavaScript holds.
 * A process of its own, so that nothing else moves the numbers: node --expose-gc --import tsx test/steady-memory.ts
 */
import { fit } from "../src/api/index.ts";
import { rotation } from "../src/augment/index.ts";
import { datasetFromArrays } from "../src/data/index.ts";
import { imageModel } from "../src/models/image-model.ts";
import { convolution, flatten, linear, maxPool } from "../src/models/layers.ts";
import { modelOptions } from "../src/models/model-options.ts";
import { random } from "../src/tensor/index.ts";

// Batches of 8 leave a partial one of 4 at the end of each epoch, and so two sessions in turn.
const SAMPLES = 8 * 400 + 4;

// Large pictures and a small net: a batch with its views is 370 kB, far above what an allocator moves by itself.
const shape = [1, 48, 48] as const;
const net = imageModel(
  { name: "steady", title: "The net of this test", table: modelOptions(shape), leastSize: 8 },
  {},
  ({ g, rng, classes }, images) => {
    const pooled = maxPool(
      g,
      convolution(g, maxPool(g, images, 4), { name: "conv", rng, channels: 4, kernel: 3 }),
      2,
    );
    return linear(g, flatten(g, pooled), { name: "fc", rng, features: classes });
  },
);

const rng = random(0, "steady memory");
const data = datasetFromArrays({
  name: "noise",
  shape,
  pixels: Uint8Array.from({ length: SAMPLES * 48 * 48 }, () => rng.integer(256)),
  labels: Int32Array.from({ length: SAMPLES }, () => rng.integer(10)),
  classNames: Array.from({ length: 10 }, (_, i) => String(i)),
});
const atEpochEnd: { resident: number; held: number }[] = [];
await fit(net, data, {
  transforms: rotation(),
  batchSize: 8,
  epochs: 12,
  stepsPerLine: 100,
  threads: 1,
  onProgress({ step }) {
    if (step % 401 !== 0) return;
    globalThis.gc!();
    const { rss, heapUsed, external } = process.memoryUsage();
    atEpochEnd.push({ resident: rss / 2 ** 20, held: (heapUsed + external) / 2 ** 20 });
  },
});
console.log(JSON.stringify(atEpochEnd));
