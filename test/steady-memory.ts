/**
 * Trains a tiny net for 4,812 steps and prints the process's memory after every 401 of them, as JSON in MB.
 * A process of its own, so that nothing else moves the numbers: node --expose-gc --import tsx test/steady-memory.ts
 */
import { fit } from "../src/api/index.ts";
import { rotation } from "../src/augment/index.ts";
import { datasetFromArrays } from "../src/data/index.ts";
import { lenet } from "../src/models/index.ts";
import { random } from "../src/tensor/index.ts";

// Batches of 8 leave a partial one of 4 at the end of each epoch, and so two sessions in turn.
const SAMPLES = 8 * 400 + 4;

const rng = random(0, "steady memory");
const data = datasetFromArrays({
  name: "noise",
  shape: [1, 12, 12],
  pixels: Uint8Array.from({ length: SAMPLES * 144 }, () => rng.integer(256)),
  labels: Int32Array.from({ length: SAMPLES }, () => rng.integer(10)),
  classNames: Array.from({ length: 10 }, (_, i) => String(i)),
});
const atEpochEnd: number[] = [];
await fit(lenet({ shape: [1, 12, 12] }), data, {
  transforms: rotation(),
  batchSize: 8,
  epochs: 12,
  stepsPerLine: 100,
  threads: 1,
  onProgress({ step }) {
    if (step % 401 !== 0) return;
    globalThis.gc!();
    atEpochEnd.push(process.memoryUsage().rss / 2 ** 20);
  },
});
console.log(JSON.stringify(atEpochEnd));
