import { type OptionTable, choice, isRecord, tested } from "../../options/index.ts";
import type { PageProvider, PageRuntime } from "../../runtime/page-session.ts";
import { loadClassifierTable } from "../options/load-classifier-table.ts";
import { predictTable } from "../options/predict-table.ts";
import type { PageClassifierOptions, PagePredictionOptions } from "./page-options.ts";

const { output, mean, std, inputRange, channelOrder, classNames } = loadClassifierTable;

/** Every option of `loadClassifier` in a page. */
export const pageClassifierTable = {
  ort: tested<PageRuntime>(isRuntime, `onnxruntime-web: import * as ort from "onnxruntime-web"`, {
    description: "ONNX Runtime, as the page imports it",
    alias: ["onnxruntime", "runtime", "InferenceSession"],
    advice: (value) => (isRecord(value) && isRuntime(value.default) ? "Give its member default." : undefined),
  }),
  executionProvider: choice(["wasm", "webgpu"] as const satisfies PageProvider[], {
    description: "where it runs: wasm, on the processor; webgpu, by the bundle onnxruntime-web/webgpu",
    default: "wasm",
    alias: ["provider", "device", "backend", "executionProviders"],
  }),
  ...{ output, mean, std, inputRange, channelOrder, classNames },
} satisfies OptionTable<PageClassifierOptions>;

const { transforms, classMap, size, channels, onProgress, signal, onNote } = predictTable;
const { resize, cropShare, interpolation, exif, transformBeforeCrop } = predictTable;

/** Every option of `predict` in a page. */
export const pagePredictionTable = {
  ...{ transforms, classMap, size, channels, resize, cropShare, interpolation, exif, transformBeforeCrop },
  ...{ onProgress, signal, onNote },
} satisfies OptionTable<PagePredictionOptions>;

function isRuntime(value: unknown): value is PageRuntime {
  if (typeof value !== "object" || value === null) return false;
  const { InferenceSession, Tensor } = value as Partial<PageRuntime>;
  return typeof InferenceSession?.create === "function" && typeof Tensor === "function";
}
