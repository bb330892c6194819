import {
  type Graph,
  type Model,
  ModelError,
  type ValueInfo,
  modelOf,
  readModel,
  writeModel,
} from "../onnx/index.ts";
import { type ImageBatch, type Tensor, UsageError, float32, sizeOf } from "../tensor/index.ts";
import { type Session, type SessionOptions, createSession } from "./session.ts";

export interface ClassifierOptions extends SessionOptions {
  /** The tensor that holds the logits (default: the model's first output). Inner tensors can be named too. */
  output?: string;
}

/** Any ONNX image classifier, ready to predict. */
export interface ClassifierSession {
  /** Images [n, C, H, W] in [0, 1] to logits [n, classes], row-major. */
  predict(images: ImageBatch): Promise<Float32Array>;
  release(): Promise<void>;
}

/**
 * Opens a classifier for prediction. The model has one float32 input, [N, C, H, W] or [N, H, W, C]; N may be fixed:
 * batches are then cut up, and the last one is filled up with zeros.
 *
 * @param source  the bytes of an ONNX file, or a graph
 * @throws RuntimeError, ModelError, UsageError when it is no such classifier
 */
export async function openClassifier(
  source: Uint8Array | Graph,
  { output, ...options }: ClassifierOptions = {},
): Promise<ClassifierSession> {
  const bytes = source instanceof Uint8Array ? source : writeModel(modelOf(source));
  // Weights are constants here, so the blocked layout of level "all" pays.
  const settings: SessionOptions = { optimization: "all", ...options };
  let session = await createSession(bytes, settings);
  if (output !== undefined && !session.outputNames.includes(output)) {
    await session.release();
    session = await createSession(withOutput(readModel(bytes), output), settings);
  }
  try {
    return classifierSession(session, imageInput(session), output ?? session.outputNames[0]);
  } catch (error) {
    await session.release();
    throw error;
  }
}

function classifierSession(session: Session, input: ValueInfo, output: string): ClassifierSession {
  const declared = input.shape ?? [];
  const fixed = typeof declared[0] === "number" && declared[0] > 0 ? declared[0] : null;
  return {
    async predict({ data, shape: [count, ...imageShape] }) {
      const layout = layoutFor(input, imageShape);
      const images = layout === "NHWC" ? channelsLast(data, [count, ...imageShape]) : data;
      const feedShape = layout === "NHWC" ? [imageShape[1], imageShape[2], imageShape[0]] : imageShape;
      const batchSize = fixed ?? count;
      const imageSize = sizeOf(imageShape);
      let logits = new Float32Array(0);
      for (let start = 0; start < count; start += batchSize) {
        const taken = Math.min(batchSize, count - start);
        let batch = images.subarray(start * imageSize, (start + taken) * imageSize);
        if (taken < batchSize) {
          const filled = new Float32Array(batchSize * imageSize);
          filled.set(batch);
          batch = filled;
        }
        const outputs = await session.run({ [input.name]: float32([batchSize, ...feedShape], batch) });
        const rows = checkedLogits(outputs[output], output, batchSize);
        const classes = rows.length / batchSize;
        if (start === 0) logits = new Float32Array(count * classes);
        logits.set(rows.subarray(0, taken * classes), start * classes);
      }
      return logits;
    },
    release: () => session.release(),
  };
}

function imageInput({ inputs }: Session): ValueInfo {
  const described = inputs.map(({ name, dtype, shape }) => `${name}: ${dtype} [${shape ?? "?"}]`).join(", ");
  if (inputs.length !== 1) {
    throw new UsageError(
      `An image classifier has one input; this model has ${inputs.length} (${described}).`,
    );
  }
  const [input] = inputs;
  if (input.dtype !== "float32" || (input.shape !== null && input.shape.length !== 4)) {
    throw new UsageError(
      `An image classifier takes float32 [N, C, H, W] or [N, H, W, C]; this model takes ${described}. ` +
        `Export it with such an input.`,
    );
  }
  return input;
}

/** Whether the declared shape [N, …] takes images [C, H, W] as they are, or with channels last. */
function layoutFor({ name, shape }: ValueInfo, imageShape: readonly number[]): "NCHW" | "NHWC" {
  const [channels, height, width] = imageShape;
  const fits = (lengths: readonly number[]) =>
    !shape ||
    lengths.every((n, i) => typeof shape[i + 1] !== "number" || shape[i + 1] === n || shape[i + 1] === -1);
  if (fits([channels, height, width])) return "NCHW";
  if (fits([height, width, channels])) return "NHWC";
  throw new UsageError(
    `The model's input "${name}" takes [${shape}]; the images are [N, ${imageShape}]. ` +
      `Use data of the model's size, or resize it.`,
  );
}

function channelsLast(data: Float32Array, [count, channels, height, width]: readonly number[]): Float32Array {
  const area = height * width;
  const result = new Float32Array(data.length);
  for (let n = 0; n < count; n++) {
    for (let c = 0; c < channels; c++) {
      const from = (n * channels + c) * area;
      for (let p = 0; p < area; p++) result[(n * area + p) * channels + c] = data[from + p];
    }
  }
  return result;
}

function checkedLogits(value: Tensor | undefined, output: string, batchSize: number): Float32Array {
  if (!value) throw new UsageError(`The model made no output "${output}".`);
  if (value.dtype !== "float32" || value.shape[0] !== batchSize || value.data.length % batchSize !== 0) {
    throw new UsageError(
      `The output "${output}" is ${value.dtype} [${value.shape}]; logits are float32 [N, classes] with N = ` +
        `${batchSize} here. Name the right tensor with --output.`,
    );
  }
  return value.data;
}

/** The model with one more output: an inner tensor. */
function withOutput(model: Model, output: string): Uint8Array {
  const { graph } = model;
  const made = graph.nodes.flatMap((node) => node.outputs);
  if (!made.includes(output)) {
    const outputs = graph.outputs.map((o) => o.name).join(", ");
    throw new ModelError(`The model has no tensor "${output}". Its outputs are: ${outputs}.`);
  }
  const extra: ValueInfo = { name: output, dtype: "float32", shape: null };
  return writeModel({ ...model, graph: { ...graph, outputs: [...graph.outputs, extra] } });
}
