import { expect, test } from "vitest";
import { runGraph, runWithGradients } from "../../test/run-graph.ts";
import { ShapeError, float32, int64 } from "../tensor/index.ts";
import { GraphBuilder } from "../onnx/index.ts";
import { correctCount, crossEntropy } from "./cross-entropy.ts";

const logits = [0.5, -1, 2, 100, -100, 0, -1e4, 0, 1e4];
const labels = [2, 1, 0];

/** ln Σ exp(z) − z[label], shifted by the maximum. */
const expected = labels.map((label, i) => {
  const row = logits.slice(3 * i, 3 * i + 3);
  const max = Math.max(...row);
  return Math.log(row.reduce((sum, z) => sum + Math.exp(z - max), 0)) + max - row[label];
});

test("is ln Σ exp(z) − z[label] for each sample, with no overflow for large logits", async () => {
  const feeds = { logits: float32([3, 3], logits), labels: int64(labels) };
  const { d } = await runGraph(feeds, (g, v) => ({ d: crossEntropy(g, v.logits, v.labels) }));
  expect(d.data as Float32Array).toBeAllClose(expected, { rtol: 1e-6 });
});

test("its gradient is softmax minus the one-hot label", async () => {
  const z = [0.5, -1, 2];
  const sum = z.reduce((s, v) => s + Math.exp(v), 0);
  const result = await runWithGradients({ logits: float32([1, 3], z) }, (g, v) =>
    g.sum(crossEntropy(g, v.logits, g.constant(int64([1]))), [0]),
  );
  expect(result["grad:logits"].data as Float32Array).toBeAllClose(
    z.map((v, k) => Math.exp(v) / sum - (k === 1 ? 1 : 0)),
    { rtol: 1e-5, atol: 1e-7 },
  );
});

test("correctCount counts rows whose largest logit is at the label", async () => {
  const feeds = { logits: float32([3, 3], logits), labels: int64(labels) };
  const { n } = await runGraph(feeds, (g, v) => ({ n: correctCount(g, v.logits, v.labels) }));
  expect(n).toMatchObject({ dtype: "float32", shape: [], data: Float32Array.of(1) });
});

test.each([
  [[3], [3]],
  [[3, 4], [2]],
  [[3, 4, 1], [3]],
])("logits [%s] and labels [%s] do not fit", (z, y) => {
  const g = new GraphBuilder();
  expect(() => crossEntropy(g, g.input("z", "float32", z), g.input("y", "int64", y))).toThrow(ShapeError);
});
