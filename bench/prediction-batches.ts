/**
 * How long a prediction takes for an image, by how many are predicted at a time (docs/performance.md): least and middle time, µs.
 *
 *   npx tsx bench/prediction-batches.ts
 */
import { phasesToRun } from "../src/lower/index.ts";
import { cifarCnn, lenet, resnet18 } from "../src/models/index.ts";
import { upgradeGraph } from "../src/onnx/index.ts";
import { openClassifier } from "../src/runtime/index.ts";
import { sizeOf } from "../src/tensor/index.ts";

const networks = [
  { classifier: lenet(), shape: [1, 28, 28], images: 10_000 },
  { classifier: cifarCnn(), shape: [3, 32, 32], images: 4000 },
  { classifier: resnet18({ width: 16 }), shape: [3, 32, 32], images: 2000 },
] as const;
const batches = [25, 50, 100, 500];

for (const { classifier, shape, images } of networks) {
  for (const threads of [1, 2]) {
    const session = await openClassifier(phasesToRun(upgradeGraph(classifier.graph)), { threads });
    const times = new Map<number, number[]>(batches.map((batch) => [batch, []]));
    // By turns, as the machine's speed changes.
    for (let round = 0; round < 4; round++) {
      for (const [batch, taken] of times) {
        const input = {
          data: new Float32Array(batch * sizeOf(shape)).fill(0.3),
          shape: [batch, ...shape] as const,
        };
        await session.predict(input);
        for (let done = 0; done < images; done += batch) {
          const startedAt = performance.now();
          await session.predict(input);
          taken.push((1000 * (performance.now() - startedAt)) / batch);
        }
      }
    }
    await session.release();
    const cells = Array.from(times, ([batch, taken]) => {
      taken.sort((a, b) => a - b);
      return `${batch}: ${taken[0].toFixed(1)} ${taken[taken.length >> 1].toFixed(1)}`;
    });
    console.log([classifier.graph.name, `${threads} threads`, ...cells].join("\t"));
  }
}
