/** Gradients of a classifier's weights, in evaluation mode. */
import { crossEntropy } from "../src/align/index.ts";
import { backward, semanticInference } from "../src/autodiff/index.ts";
import { lower } from "../src/lower/index.ts";
import type { Classifier } from "../src/models/index.ts";
import { GraphBuilder, type Value, upgradeGraph } from "../src/onnx/index.ts";
import { createSession } from "../src/runtime/index.ts";
import { type ImageBatch, float32, int64 } from "../src/tensor/index.ts";
import { evaluationPass } from "../src/train/forward-mode.ts";

/**
 * Those of the mean cross-entropy, by the initializers' names and in their layout.
 *
 * @param images  [N, C, H, W]
 */
export async function classifierGradients(
  classifier: Classifier,
  names: readonly string[],
  { data, shape }: ImageBatch,
  labels: readonly number[],
): Promise<Map<string, Float32Array>> {
  const g = new GraphBuilder({ extension: semanticInference });
  const bindings = new Map<string, Value>([[classifier.input, g.input(classifier.input, "float32", shape)]]);
  for (const [name, value] of classifier.graph.initializers) {
    bindings.set(name, g.initializer(name, value, { constant: !names.includes(name) }));
  }
  const graph = upgradeGraph(classifier.graph);
  const pass = evaluationPass(g, { graph, logits: classifier.logits, bindings, prefix: "" });
  const loss = g.mean(crossEntropy(g, pass.logits, g.constant(int64(labels))), [0]);
  const gradients = backward(
    g,
    loss,
    names.map((name) => bindings.get(name)!),
  );
  const outputs = Object.fromEntries(names.map((name, i) => [`grad:${name}`, gradients[i]]));
  const session = await createSession(lower(g.build("gradients", outputs)), { threads: 1 });
  try {
    const results = await session.run({ [classifier.input]: float32(shape, data) });
    return new Map(names.map((name) => [name, results[`grad:${name}`].data as Float32Array] as const));
  } finally {
    await session.release();
  }
}
