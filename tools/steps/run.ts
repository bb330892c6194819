/** Runs a written step in Node, on any provider of onnxruntime-node. */
import * as ort from "onnxruntime-node";
import type { Tensor } from "../../src/tensor/index.ts";
import type { WrittenStep } from "./written-step.ts";

export interface StepRun {
  readonly losses: readonly number[];
  /** Of each step, its state copied to the device and back. */
  readonly milliseconds: readonly number[];
}

/** As many steps as there are scalars for, on one batch. */
export async function runSteps(
  step: WrittenStep,
  tensors: ReadonlyMap<string, Tensor>,
  path: string,
  { provider, threads }: { readonly provider: string; readonly threads: number },
): Promise<StepRun> {
  const session = await ort.InferenceSession.create(path, {
    executionProviders: [provider],
    intraOpNumThreads: threads,
  });
  const feeds: Record<string, ort.Tensor> = {
    images: asOrt(tensors.get("images")!),
    labels: asOrt(tensors.get("labels")!),
  };
  for (const input of Object.keys(step.next)) feeds[input] = asOrt(tensors.get(`state.${input}`)!);
  const fetched = ["loss", ...Object.values(step.next)];
  const losses: number[] = [];
  const milliseconds: number[] = [];
  for (const scalars of step.scalars) {
    for (const [name, value] of Object.entries(scalars))
      feeds[name] = new ort.Tensor("float32", Float32Array.of(value), []);
    const start = performance.now();
    const results = await session.run(feeds, fetched);
    milliseconds.push(performance.now() - start);
    losses.push(Number(results.loss.data[0]));
    for (const [input, output] of Object.entries(step.next)) feeds[input] = results[output];
  }
  await session.release();
  return { losses, milliseconds };
}

const asOrt = ({ dtype, data, shape }: Tensor): ort.Tensor =>
  dtype === "int64"
    ? new ort.Tensor("int64", data, shape)
    : new ort.Tensor("float32", data as Float32Array, shape);
