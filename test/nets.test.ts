import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { crossEntropy } from "../src/align/cross-entropy.ts";
import { backward, semanticInference } from "../src/autodiff/index.ts";
import { lower } from "../src/lower/index.ts";
import { type Graph, GraphBuilder, type Model, readModel, upgradeGraph } from "../src/onnx/index.ts";
import type { SessionOptions } from "../src/runtime/index.ts";
import { type Tensor, numbersOf } from "../src/tensor/index.ts";
import { blockSize } from "../src/train/block-size.ts";
import { type TrainingEffects, evaluationPass, trainingPass } from "../src/train/forward-mode.ts";
import { relativeError, runOnce } from "./gradient-case.ts";

const folder = join(import.meta.dirname, "fixtures", "nets");
const nets = readdirSync(folder).filter((file) => file.endsWith(".onnx"));

const read = (file: string): Model => readModel(readFileSync(join(folder, file)), file);

/** Names of the initializers that PyTorch trained. */
const trainedNames = ({ graph }: Model): string[] =>
  [...graph.initializers.keys()].flatMap((key) =>
    key.startsWith("grad:") ? [key.slice("grad:".length)] : [],
  );

/** Outputs named like PyTorch's numbers in the fixture: logits of both modes, loss, gradients, running statistics. */
function netGraph(model: Model, block: number | null = null): Graph {
  const g = new GraphBuilder({ extension: semanticInference });
  const { initializers } = model.graph;
  const { shape } = initializers.get("input:x")!;
  const labels = initializers.get("labels")!;
  const bindings = new Map([["x", g.input("x", "float32", shape)]]);
  const own = [...initializers].filter(([name]) => !name.includes(":") && name !== "labels");
  for (const [name, value] of own) bindings.set(name, g.initializer(name, value));
  const graph = { ...upgradeGraph(model.graph), initializers: new Map(own) };

  const evaluation = evaluationPass(g, { graph, logits: "logits", bindings, prefix: "evaluation/" });
  const effects: TrainingEffects = { masks: [], statistics: [] };
  const training = trainingPass(g, { graph, logits: "logits", bindings, prefix: "" }, effects);
  const losses = crossEntropy(g, training.logits, g.constant(labels));
  const loss = g.mean(losses, [0]);
  const trained = trainedNames(model);
  const gradients = backward(
    g,
    loss,
    trained.map((name) => bindings.get(name)!),
  );
  return lower(
    g.build(model.graph.name, {
      "expected:evaluation-logits": evaluation.logits,
      "expected:logits": training.logits,
      "expected:loss": loss,
      ...Object.fromEntries(trained.map((name, i) => [`grad:${name}`, gradients[i]])),
      ...Object.fromEntries(
        effects.statistics.flatMap((s) => [
          [`running:${s.mean}`, s.nextMean],
          [`running:${s.variance}`, s.nextVariance],
        ]),
      ),
    }),
    { block },
  );
}

test("there are six nets", () => {
  expect(nets).toEqual([
    "batchnorm-cnn-blocks.onnx",
    "batchnorm-cnn.onnx",
    "depthwise.onnx",
    "lenet.onnx",
    "mlp.onnx",
    "pooled-cnn.onnx",
  ]);
});

const levels = ["disabled", "extended", "all"] satisfies SessionOptions["optimization"][];
// On a processor whose blocks are not to be had, the plain lowering is run twice.
const block = await blockSize();
const cases = nets.flatMap((file) =>
  levels.flatMap((optimization) => [
    { file, optimization, lowering: "plain", block: null },
    { file, optimization, lowering: "blocked", block },
  ]),
);

test.each(cases)(
  "$file, $lowering, optimization $optimization: logits, loss, every gradient and statistic agree with PyTorch",
  async ({ file, optimization, block }) => {
    const model = read(file);
    const results = await runOnce(
      netGraph(model, block),
      { x: model.graph.initializers.get("input:x")! },
      optimization,
    );
    const wanted = [...model.graph.initializers].filter(([name]) => /^(expected|grad|running):/.test(name));
    const missing = wanted.map(([name]) => name).filter((name) => !(name in results));
    expect(missing).toEqual([]);
    for (const [name, value] of wanted) {
      expect(relativeError(results[name], value), name).toBeLessThan(2e-5);
    }
  },
);

test("no gradient of a net is all zeros", async () => {
  for (const file of nets) {
    const model = read(file);
    const results = await runOnce(
      netGraph(model),
      { x: model.graph.initializers.get("input:x")! },
      "extended",
    );
    for (const name of trainedNames(model)) {
      expect(largest(results[`grad:${name}`]), `${file} ${name}`).toBeGreaterThan(1e-4);
    }
  }
});

const largest = (t: Tensor): number => numbersOf(t).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
