/** Graphs in a page, by the ONNX Runtime that the page brings: onnxruntime-web in any of its bundles, or what has the same classes. */
import type { ValueInfo } from "../onnx/index.ts";
import type { DType, Tensor } from "../tensor/index.ts";
import { RuntimeError } from "./errors.ts";
import type { Session } from "./session.ts";

/** `import * as ort from "onnxruntime-web"`, of any version: what is used of it, whose types each version writes otherwise. */
export interface PageRuntime {
  readonly InferenceSession: { create(...given: never[]): Promise<object> };
  readonly Tensor: new (...given: never[]) => object;
}

/** The same as it is used. */
interface Runtime {
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<RuntimeSession> };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => object;
}

interface RuntimeSession {
  readonly outputNames: readonly string[];
  run(
    feeds: Readonly<Record<string, object>>,
    fetches: readonly string[],
  ): Promise<Readonly<Record<string, RuntimeValue>>>;
  release(): Promise<void>;
}

/** Where it runs. */
export type PageProvider = "wasm" | "webgpu";

interface RuntimeValue {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/**
 * Loads a model.
 *
 * @param inputs  as its graph declares them: older runtimes do not say
 * @param name    what messages call it
 * @throws RuntimeError
 */
export async function createPageSession(
  ort: PageRuntime,
  bytes: Uint8Array,
  { inputs, name, provider }: { inputs: readonly ValueInfo[]; name: string; provider: PageProvider },
): Promise<Session> {
  const { InferenceSession, Tensor } = ort as Runtime;
  // A runtime in a worker of its own is sent what it is given, which is gone here then: it gets copies.
  const session = await InferenceSession.create(bytes.slice(), {
    executionProviders: [provider],
    graphOptimizationLevel: "all",
    // As in Node: it moves a Pad of zeros into the MaxPool behind it, which pads with −∞.
    extra: { optimization: { disable_specified_optimizers: "Pad_Fusion" } },
  }).catch((cause: unknown) => {
    throw new RuntimeError(
      `ONNX Runtime (${provider}) cannot load ${name}: ${wordsOf(cause)}${adviceOn(cause, provider)}`,
      {
        cause,
      },
    );
  });
  const { outputNames } = session;
  return {
    inputNames: inputs.map((input) => input.name),
    inputs,
    outputNames,
    async run(feeds, _results, wanted = outputNames) {
      const given = Object.fromEntries(
        Object.entries(feeds).map(([input, { data, shape }]) => [
          input,
          new Tensor("float32", (data as Float32Array).slice(), shape),
        ]),
      );
      try {
        const outputs = await session.run(given, wanted);
        return Object.fromEntries(
          Object.entries(outputs).map(([output, { type, dims, data }]) => [
            output,
            { dtype: type as DType, shape: dims, data } as Tensor,
          ]),
        );
      } catch (cause) {
        throw new RuntimeError(`ONNX Runtime failed while running ${name}: ${wordsOf(cause)}`, { cause });
      }
    },
    release: () => session.release(),
  };
}

const wordsOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, " ").replace(/[.\s]*$/, ".");

/** What usually is the matter. */
function adviceOn(cause: unknown, provider: PageProvider): string {
  const words = cause instanceof Error ? cause.message : String(cause);
  if (provider === "webgpu" && /backend|webgpu|adapter|navigator\.gpu/i.test(words))
    return ` WebGPU takes the bundle onnxruntime-web/webgpu and a browser that has it; executionProvider "wasm" runs anywhere.`;
  if (/no available backend|wasm|magic word|dynamically imported|fetch/i.test(words)) {
    return (
      " Its .wasm file is looked for beside the code: serve it there, or say where it is, ort.env.wasm.wasmPaths " +
      "(docs/bundlers.md, Where the .wasm file lies)."
    );
  }
  return "";
}
