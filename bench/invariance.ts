/**
 * How long the invariance score takes: 10,000 samples of 10 classes, 5 members, each distance, for 10 logits and for 84
 * numbers of a layer. Run: node --import tsx bench/invariance.ts [--samples N] (fewer samples: time falls as N²)
 *
 * Two kinds of vectors. "MNIST": a LeNet (test/fixtures/evaluate) on the test digits and their rotations, its logits and its
 * last hidden layer. "normal": independent normal coordinates, the worst case, as no few of them tell samples apart.
 */
import { readFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { rotation } from "../src/augment/index.ts";
import { openMnist, take } from "../src/data/index.ts";
import {
  type DistanceName,
  type Predictions,
  distances,
  invarianceScore,
  predictMembers,
} from "../src/evaluate/index.ts";
import { openClassifier } from "../src/runtime/index.ts";
import { random } from "../src/tensor/index.ts";

const { values } = parseArgs({ options: { samples: { type: "string", default: "10000" } } });
const samples = Number(values.samples);

/** LeNet's logits and embeddings of the first test digits, upright and rotated. */
async function mnist(embedding: string): Promise<Predictions> {
  const data = take(await (await openMnist()).read("test"), samples);
  const model = readFileSync(join(import.meta.dirname, "../test/fixtures/evaluate/lenet.onnx"));
  const session = await openClassifier(model, { embedding });
  const family = rotation({ degrees: [15, 30, 45, 60] });
  const predictions = await predictMembers((x) => session.predictWithEmbeddings(x), data, family);
  await session.release();
  return predictions;
}

/** Views around each sample, half as far from it as samples of its class are from one another. */
function normal(dimension: number): Predictions {
  const rng = random(0, "invariance", dimension);
  const draws = (size: number) =>
    Float32Array.from({ length: samples * dimension }, () => size * rng.normal());
  const clean = draws(1);
  const views = [0, 0.5, 0.5, 0.5, 0.5].map((size) => draws(size).map((x, i) => x + clean[i]));
  return {
    labels: Int32Array.from({ length: samples }, (_, i) => i % 10),
    classes: 10,
    memberNames: [],
    logits: [],
    embeddings: { values: views, dimension },
  };
}

const cases: [string, Predictions][] = [
  ["MNIST, 10 logits", await mnist("logits")],
  ["MNIST, 84 rectified", await mnist("relu4")],
  ["normal, 10", normal(10)],
  ["normal, 84", normal(84)],
];
const names = Object.keys(distances) as DistanceName[];
const table = new Table({
  head: ["vectors", ...names.map((name) => `${name}, s`)],
  style: { head: [], border: [], compact: true },
});
// Once over a few, so that no distance pays for the compiler of the rest.
for (const distance of names) invarianceScore(cases[0][1], { distance, samplesPerClass: 50 });
for (const [name, predictions] of cases) {
  const seconds = names.map((distance) => {
    const start = performance.now();
    invarianceScore(predictions, { distance });
    return ((performance.now() - start) / 1000).toFixed(2);
  });
  table.push([name, ...seconds]);
}
console.log(
  `${os.cpus()[0]?.model.trim()}, one thread; Node ${process.versions.node}; ${samples} samples, 5 members`,
);
console.log(table.toString());
