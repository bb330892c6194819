/** Whether ONNX Runtime runs a classifier at all, before anything is built around it. */
import type { Classifier } from "../models/index.ts";
import { RuntimeError, openClassifier } from "../runtime/index.ts";
import { AlignregError, type Shape, random, sizeOf } from "../tensor/index.ts";

/**
 * Predicts one image of noise.
 *
 * @param shape  of one image, [C, H, W]
 * @returns what ONNX Runtime says against it; undefined where it runs, or where something else stands against the try
 */
export async function runtimeFailure(
  { graph, logits }: Classifier,
  shape: Shape,
): Promise<string | undefined> {
  const rng = random(0, "dry run");
  const data = Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform());
  try {
    const [channels, height, width] = shape;
    const session = await openClassifier(graph, { output: logits });
    try {
      await session.predict({ data, shape: [1, channels, height, width] });
    } finally {
      await session.release();
    }
    return undefined;
  } catch (error) {
    if (error instanceof RuntimeError) return error.message;
    if (error instanceof AlignregError) return undefined;
    throw error;
  }
}
