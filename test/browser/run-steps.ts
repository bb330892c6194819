/** Runs an exported step some times over, by whichever ONNX Runtime it is handed: Node's own, or that of the web. */
import type * as ort from "onnxruntime-web";

/** A tensor as JSON. */
export interface PlainTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** All that the steps are fed. JSON, to travel to a page. */
export interface StepFeeds {
  /** Images and labels, the same at each step. */
  readonly batch: Readonly<Record<string, PlainTensor>>;
  /** Fed to the first step. */
  readonly state: Readonly<Record<string, PlainTensor>>;
  /** For each input of the state, the output that the next step is fed. */
  readonly next: Readonly<Record<string, string>>;
  /** The scalars of each step. */
  readonly scalars: readonly Readonly<Record<string, PlainTensor>>[];
}

export interface StepsRun {
  readonly losses: number[];
  /** Of each step. */
  readonly milliseconds: number[];
}

/** What Node's ONNX Runtime and the web's have in common. */
type Runtime = Pick<typeof ort, "InferenceSession" | "Tensor">;

export async function runSteps(
  runtime: Runtime,
  model: Uint8Array,
  feeds: StepFeeds,
  options: ort.InferenceSession.SessionOptions,
): Promise<StepsRun> {
  const tensor = ({ dtype, shape, data }: PlainTensor): ort.Tensor =>
    dtype === "int64"
      ? new runtime.Tensor("int64", BigInt64Array.from(data, BigInt), shape)
      : new runtime.Tensor("float32", Float32Array.from(data), shape);
  const tensors = (record: Readonly<Record<string, PlainTensor>>) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, tensor(value)]));

  const session = await runtime.InferenceSession.create(model, options);
  const batch = tensors(feeds.batch);
  let state = tensors(feeds.state);
  const losses: number[] = [];
  const milliseconds: number[] = [];
  for (const scalars of feeds.scalars) {
    const startedAt = performance.now();
    const outputs = await session.run({ ...batch, ...state, ...tensors(scalars) });
    milliseconds.push(performance.now() - startedAt);
    losses.push(Number(outputs.loss.data[0]));
    state = Object.fromEntries(Object.entries(feeds.next).map(([input, output]) => [input, outputs[output]]));
  }
  await session.release();
  return { losses, milliseconds };
}
