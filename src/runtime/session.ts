import { MessageChannel } from "node:worker_threads";
import type * as ort from "onnxruntime-node";
import { type Graph, type ValueInfo, modelOf, writeModel } from "../onnx/index.ts";
import { checkLimit, isBytes } from "../options/index.ts";
import { type DType, type Tensor, ownArray } from "../tensor/index.ts";
import { RuntimeError } from "./errors.ts";
import { type Realm, loadRuntime } from "./ort.ts";

/** Where a graph runs: an ONNX Runtime execution provider of the installed package. */
export type ExecutionProvider = "cpu" | "webgpu" | "cuda";

export interface SessionOptions {
  executionProvider?: ExecutionProvider;
  /** Threads inside an operator; 0 (default) takes one per physical core. */
  threads?: number;
  /** Default "extended": for training graphs "all" gains nothing and wraps pools in layout changes. */
  optimization?: "disabled" | "basic" | "extended" | "all";
  /** What messages call the model: its path (default: the graph's name). */
  source?: string;
}

export type Feeds = Readonly<Record<string, Tensor>>;

/** A graph loaded by ONNX Runtime. Idle sessions keep threads and memory: release what is no longer used. */
export interface Session {
  readonly inputNames: readonly string[];
  /** The inputs' declared types; null where the file states no shape. */
  readonly inputs: readonly ValueInfo[];
  readonly outputNames: readonly string[];
  /**
   * Runs the graph. Outputs that `results` names are those tensors.
   *
   * @param feeds    a tensor for each input, not copied: leave them alone until the promise resolves
   * @param results  tensors to write outputs into; must not overlap a feed. Outputs not named get fresh ones
   * @param wanted   outputs to fetch (default: all). Others may be sequences or maps
   */
  run(feeds: Feeds, results?: Feeds, wanted?: readonly string[]): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/**
 * Loads a graph, or the bytes of an ONNX file.
 *
 * @throws RuntimeError when ONNX Runtime refuses it
 */
export async function createSession(
  source: Graph | Uint8Array,
  options: SessionOptions = {},
): Promise<Session> {
  const { executionProvider = "cpu", threads = 0, optimization = "extended" } = options;
  checkLimit("threads", threads, "A session of ONNX Runtime");
  const bytes = isBytes(source) ? ownArray(source) : writeModel(modelOf(source));
  const name = nameOf(source, options);
  const runtime = await loadRuntime();
  let session: ort.InferenceSession;
  try {
    session = await runtime.ort.InferenceSession.create(runtime.own(bytes), {
      executionProviders: [executionProvider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: optimization,
      // Planning all buffers ahead gains no time, and costs 30 to 40 % more memory at the peak (docs/performance.md).
      enableMemPattern: false,
      logSeverityLevel: 4,
      extra: {
        session: { set_denormal_as_zero: "1" },
        // It moves a Pad of zeros into the MaxPool behind it, which pads with −∞ (ONNX Runtime 1.30, as ResNet50V2 has it).
        optimization: { disable_specified_optimizers: "Pad_Fusion" },
      },
    });
  } catch (cause) {
    const advice = isBytes(source)
      ? " Check the file with onnx.checker.check_model, or export it again."
      : "";
    throw new RuntimeError(
      `ONNX Runtime (${executionProvider}) cannot load ${name}: ${wordsOf(cause)}${advice}`,
      { cause },
    );
  }
  return {
    inputNames: session.inputNames,
    inputs: session.inputMetadata.map(readMetadata),
    outputNames: session.outputNames,
    async run(feeds, results = {}, wanted = session.outputNames) {
      const fetches = Object.fromEntries(
        wanted.map((output) => [
          output,
          Object.hasOwn(results, output) ? toRuntime(runtime, results[output]) : null,
        ]),
      );
      try {
        const outputs = await session.run(mapTensors(runtime, feeds), fetches);
        const lost = wanted.find((output) => !Object.hasOwn(outputs, output));
        if (lost !== undefined) throw new Error(`its result has no output "${lost}". Name it otherwise`);
        return Object.fromEntries(
          Object.entries(outputs).map(([output, value]) => {
            if (!Object.hasOwn(results, output)) return [output, fromRuntime(value)];
            const written = results[output];
            discardCopy(value, written);
            return [output, written];
          }),
        );
      } catch (cause) {
        throw new RuntimeError(`ONNX Runtime failed while running ${name}: ${wordsOf(cause)}`, { cause });
      }
    },
    release: () => session.release(),
  };
}

function nameOf(source: Graph | Uint8Array, { source: given }: SessionOptions): string {
  if (given !== undefined) return given.replace(/^The /, "the ");
  return isBytes(source) ? "the model" : `graph "${source.name}"`;
}

/**
 * The runtime's words as a sentence. They name the node; what they say of places in the runtime's own sources, and its line
 * feeds, goes. The whole of it is the error's cause.
 */
const wordsOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause))
    .replace(/(?:\/[\w.-]+)+\/onnxruntime\/\S+\.(?:cc|h):\d+ /g, "")
    .replace(/\s+/g, " ")
    .replace(/[.\s]*$/, ".");

const mapTensors = (runtime: Realm, feeds: Feeds): Record<string, ort.Tensor> =>
  Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, toRuntime(runtime, value)]));

/** From so many bytes on, memory is worth freeing at once. */
const LARGE = 1 << 20;

const { port1: closedPort } = new MessageChannel();
closedPort.close();

/**
 * Frees memory that the garbage collector would come by later. Of an output that it wrote where it was told, the runtime
 * returns a copy as well (90 MB in a step of ResNet-18); what is sent into a closed port is gone at once.
 */
function discardCopy({ data }: ort.Tensor, written: Tensor): void {
  if (!ArrayBuffer.isView(data) || data.byteLength < LARGE || data.buffer === written.data.buffer) return;
  closedPort.postMessage(null, [data.buffer as ArrayBuffer]);
}

// ONNX Runtime's element types are named as ours, and its arrays are of the same classes.
const toRuntime = ({ ort, own }: Realm, { dtype, data, shape }: Tensor): ort.Tensor =>
  new ort.Tensor(dtype, own(data) as Float32Array, shape);

const fromRuntime = ({ type, dims, data }: ort.Tensor): Tensor =>
  ({ dtype: type, shape: dims, data: ownArray(data) }) as Tensor;

const readMetadata = (info: ort.InferenceSession.ValueMetadata): ValueInfo => {
  if (!info.isTensor) throw new RuntimeError(`The model's input "${info.name}" is no tensor.`);
  return { name: info.name, dtype: info.type as DType, shape: info.shape.length > 0 ? info.shape : null };
};
