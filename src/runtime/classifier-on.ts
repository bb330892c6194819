/** A classifier as images go through it: batches, layouts and tensors by name. Nothing of Node is in here. */
import {
  type GraphNode,
  type Model,
  ModelError,
  type ValueInfo,
  dataTypeOf,
  readModel,
  writeModel,
} from "../onnx/index.ts";
import { type ImageBatch, type Tensor, UsageError, float32, sizeOf } from "../tensor/index.ts";
import type { Session, SessionOptions } from "./session.ts";

/** Inner tensors that an error names: those close to the logits are the ones that people embed by. */
const LISTED_TENSORS = 12;

export interface ClassifierOptions extends SessionOptions {
  /** The tensor that holds the logits (default: the model's first output). Inner tensors can be named too. */
  output?: string;
  /** The tensor that `predictWithEmbeddings` gives beside the logits (default: the logits). Inner ones can be named too. */
  embedding?: string;
}

/** Any ONNX image classifier, ready to predict. */
export interface ClassifierSession {
  /** Images [n, C, H, W] in [0, 1] to logits [n, classes], row-major. */
  predict(images: ImageBatch): Promise<Float32Array>;
  /** The logits, and from the same run the named tensor: [n, dimension], each image's numbers in a row. */
  predictWithEmbeddings(images: ImageBatch): Promise<EmbeddedBatch>;
  release(): Promise<void>;
}

/** What a classifier makes of a batch of n images. */
export interface EmbeddedBatch {
  /** [n, classes], row-major. */
  readonly logits: Float32Array;
  /** [n, dimension], row-major. */
  readonly embeddings: Float32Array;
}

/**
 * A classifier on whatever runs graphs.
 *
 * @param bytes   an ONNX file
 * @param create  loads one
 */
export async function classifierOn(
  bytes: Uint8Array,
  { output, embedding }: Pick<ClassifierOptions, "output" | "embedding">,
  create: (bytes: Uint8Array) => Promise<Session>,
): Promise<ClassifierSession> {
  let session = await create(bytes);
  const { outputNames } = session;
  const names = { logits: output ?? outputNames[0], embeddings: embedding ?? output ?? outputNames[0] };
  const inner = [...new Set(Object.values(names))].filter((name) => !outputNames.includes(name));
  if (inner.length > 0) {
    await session.release();
    session = await create(withOutputs(readModel(bytes), inner));
  }
  const outputOf = (name: string) => (inner.includes(name) ? innerOutput(name) : name);
  const logits: Wanted = { name: names.logits, output: outputOf(names.logits), is: "logits" };
  const embeddings: Wanted = {
    name: names.embeddings,
    output: outputOf(names.embeddings),
    is: "embeddings",
  };
  try {
    const run = imageRunner(session, imageInput(session));
    return {
      async predict(images) {
        const [rows] = await run(images, [logits]);
        return rows;
      },
      async predictWithEmbeddings(images) {
        const [rows, embedded] = await run(images, [logits, embeddings]);
        return { logits: rows, embeddings: embedded };
      },
      release: () => session.release(),
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** A tensor of the model, and what it is taken for. */
interface Wanted {
  readonly name: string;
  /** The output of the session that it is. */
  readonly output: string;
  readonly is: "logits" | "embeddings";
}

/** From images to the rows of each wanted tensor, [n, numbers per image], in as many runs as a fixed batch asks for. */
function imageRunner(session: Session, input: ValueInfo) {
  const declared = input.shape ?? [];
  const fixed = typeof declared[0] === "number" && declared[0] > 0 ? declared[0] : null;
  return async (images: ImageBatch, wanted: readonly Wanted[]): Promise<Float32Array[]> => {
    const [count, ...imageShape] = images.shape;
    const layout = layoutFor(input, imageShape);
    const data = layout === "NHWC" ? channelsLast(images.data, images.shape) : images.data;
    const feedShape = layout === "NHWC" ? [imageShape[1], imageShape[2], imageShape[0]] : imageShape;
    const batchSize = fixed ?? count;
    const imageSize = sizeOf(imageShape);
    const rows = wanted.map(() => new Float32Array(0));
    for (let start = 0; start < count; start += batchSize) {
      const taken = Math.min(batchSize, count - start);
      let batch = data.subarray(start * imageSize, (start + taken) * imageSize);
      if (taken < batchSize) {
        const filled = new Float32Array(batchSize * imageSize);
        filled.set(batch);
        batch = filled;
      }
      const feeds = { [input.name]: float32([batchSize, ...feedShape], batch) };
      const fetched = [...new Set(wanted.map(({ output }) => output))];
      const outputs = await session.run(feeds, {}, fetched);
      wanted.forEach((tensor, i) => {
        const values = checkedRows(outputs[tensor.output], tensor, batchSize);
        const width = values.length / batchSize;
        if (start === 0) rows[i] = new Float32Array(count * width);
        rows[i].set(values.subarray(0, taken * width), start * width);
      });
    }
    return rows;
  };
}

/** The session's one input, which takes images. @throws UsageError */
export function imageInput({ inputs }: Session): ValueInfo {
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
export function layoutFor({ name, shape }: ValueInfo, imageShape: readonly number[]): "NCHW" | "NHWC" {
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

/** [N, C, H, W] as [N, H, W, C]. */
export function channelsLast(
  data: Float32Array,
  [count, channels, height, width]: readonly number[],
): Float32Array {
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

function checkedRows(value: Tensor | undefined, { name, is }: Wanted, batchSize: number): Float32Array {
  if (!value) throw new UsageError(`The model made no output "${name}".`);
  if (value.dtype !== "float32" || value.shape[0] !== batchSize || value.data.length % batchSize !== 0) {
    const shape = is === "logits" ? "[N, classes]" : "[N, …]";
    throw new UsageError(
      `The ${is === "logits" ? "output" : "tensor"} "${name}" is ${value.dtype} [${value.shape}]; ${is} are float32 ` +
        `${shape} with N = ${batchSize} here. Name the right tensor with --${is === "logits" ? "output" : "embedding"}.`,
    );
  }
  // Axes of length 1 beside the classes change nothing; any other has logits of its own.
  const axes = value.shape.slice(1).filter((length) => length !== 1);
  if (is === "logits" && axes.length > 1) {
    throw new UsageError(
      `The logits "${name}" are [N, ${value.shape.slice(1).join(", ")}]; a classifier gives [N, classes]. Average over the ` +
        `other axes before you export the model, or name another tensor with --output.`,
    );
  }
  return value.data;
}

/** The output that an inner tensor is given out as: as float32, whatever it is inside. */
const innerOutput = (name: string): string => `alignreg:${name}`;

/** The model with more outputs: inner tensors. */
function withOutputs(model: Model, names: readonly string[]): Uint8Array {
  const { graph } = model;
  const made = graph.nodes.flatMap((node) => node.outputs);
  const missing = names.find((name) => !made.includes(name));
  if (missing !== undefined) {
    const outputs = graph.outputs.map((o) => o.name);
    const last = made.filter((name) => !outputs.includes(name)).slice(-LISTED_TENSORS);
    throw new ModelError(
      `The model has no tensor "${missing}". Its outputs are: ${outputs.join(", ")}. ` +
        `The last of its inner tensors are: ${last.join(", ")}.`,
    );
  }
  const extra = names.map((name): ValueInfo => ({ name: innerOutput(name), dtype: "float32", shape: null }));
  const casts = names.map((name): GraphNode => ({
    opType: "Cast",
    domain: "",
    name: "",
    inputs: [name],
    outputs: [innerOutput(name)],
    attributes: { to: dataTypeOf("float32") },
  }));
  const nodes = [...graph.nodes, ...casts];
  return writeModel({ ...model, graph: { ...graph, nodes, outputs: [...graph.outputs, ...extra] } });
}
