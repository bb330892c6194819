/** Times a model by whichever ONNX Runtime it is handed: Node's own, or that of the web. Runs in pages, too. */
import type * as ort from "onnxruntime-web";

/** What both have in common. */
type Runtime = Pick<typeof ort, "InferenceSession" | "Tensor">;

/** Milliseconds of each of `count` runs on one image of noise, after ten more. */
export async function timeRuns(
  runtime: Runtime,
  model: Uint8Array,
  shape: readonly number[],
  count: number,
  options: ort.InferenceSession.SessionOptions,
): Promise<number[]> {
  const session = await runtime.InferenceSession.create(model, options);
  const pixels = Float32Array.from(
    { length: shape.reduce((a, b) => a * b) },
    (_, i) => ((i * 7919) % 256) / 255,
  );
  const feeds = { [session.inputNames[0]]: new runtime.Tensor("float32", pixels, shape) };
  const milliseconds: number[] = [];
  for (let run = -10; run < count; run++) {
    const startedAt = performance.now();
    await session.run(feeds);
    if (run >= 0) milliseconds.push(performance.now() - startedAt);
  }
  await session.release();
  return milliseconds;
}
