import type { LayerConfig } from "./converter.ts";
import { text } from "./converter.ts";

/**
 * TensorFlow's "same" as explicit pads, befores then afters: ⌈n/stride⌉ windows, and the odd zero at the end. "valid"
 * has none; "causal" of sequences pads the past.
 */
export function explicitPads(
  config: LayerConfig,
  spatial: readonly number[],
  window: { kernel: readonly number[]; strides: readonly number[]; dilations?: readonly number[] },
): number[] {
  if (text(config, "padding") === "valid") return spatial.flatMap(() => [0, 0]);
  const total = spatial.map((n, i) => {
    const extent = (window.kernel[i] - 1) * (window.dilations?.[i] ?? 1) + 1;
    return Math.max((Math.ceil(n / window.strides[i]) - 1) * window.strides[i] + extent - n, 0);
  });
  // "same" of a sequence's past alone.
  if (text(config, "padding") === "causal") {
    const past = (window.kernel[0] - 1) * (window.dilations?.[0] ?? 1);
    return [past, 0];
  }
  return [...total.map((t) => Math.floor(t / 2)), ...total.map((t) => Math.ceil(t / 2))];
}

/** What is wrong with a layer's padding, if something is. */
export const paddingProblems = (config: LayerConfig): string[] =>
  ["valid", "same"].includes(text(config, "padding"))
    ? []
    : [`its padding "${text(config, "padding")}" is not supported. Use "valid" or "same".`];
