import type { LayerConfig } from "./converter.ts";
import { text } from "./converter.ts";

interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations?: readonly number[];
}

/**
 * TensorFlow's "same" as explicit pads, befores then afters: ⌈n/stride⌉ windows, and the odd zero at the end. "valid"
 * has none; "causal" of sequences pads the past.
 */
export function explicitPads(config: LayerConfig, spatial: readonly number[], window: Window): number[] {
  if (text(config, "padding") === "valid") return spatial.flatMap(() => [0, 0]);
  // "same" of a sequence's past alone.
  if (text(config, "padding") === "causal") {
    const past = (window.kernel[0] - 1) * (window.dilations?.[0] ?? 1);
    return [past, 0];
  }
  return samePads(spatial, window);
}

/** What makes ⌈n/stride⌉ windows of each axis, half of it before and, of an odd number, the one more after. */
export function samePads(spatial: readonly number[], { kernel, strides, dilations }: Window): number[] {
  const total = spatial.map((n, i) => {
    const extent = (kernel[i] - 1) * (dilations?.[i] ?? 1) + 1;
    return Math.max((Math.ceil(n / strides[i]) - 1) * strides[i] + extent - n, 0);
  });
  return [...total.map((t) => Math.floor(t / 2)), ...total.map((t) => Math.ceil(t / 2))];
}

/** What is wrong with a layer's padding, if something is. */
export const paddingProblems = (config: LayerConfig): string[] =>
  ["valid", "same"].includes(text(config, "padding"))
    ? []
    : [`its padding "${text(config, "padding")}" is not supported. Use "valid" or "same".`];
