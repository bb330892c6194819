import type { Shape } from "../tensor/index.ts";
import type { FitOptions } from "./fit-options.ts";

/** Options of a step: those of `fit` that shape it. */
export interface ExportStepOptions extends Pick<
  FitOptions,
  | "trainable"
  | "method"
  | "regularizer"
  | "regularizerOptions"
  | "transforms"
  | "gradients"
  | "loss"
  | "lossOptions"
  | "alignmentWeight"
  | "selection"
  | "selectBy"
  | "alignSelectBy"
  | "align"
  | "stopGradient"
  | "compat"
  | "labelSmoothing"
  | "batchSize"
  | "optimizer"
  | "optimizerOptions"
  | "decay"
  | "learningRate"
  | "clipNorm"
> {
  /** One image, [C, H, W] (default: what the model declares). */
  shape?: Shape;
  /**
   * The execution provider that is to run it: "wasm" (default; any processor, the native runtime's too) or "webgpu". A
   * step for "webgpu" runs on every provider. It holds each parameter in a tensor of its own, as a shader binds ten at
   * most, and avoids convolutions that the provider gets wrong.
   */
  provider?: "wasm" | "webgpu";
}

/** The rates of one step, where they are not those of the options. */
export interface StepRates {
  learningRate?: number;
  alignmentWeight?: number;
}
