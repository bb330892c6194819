import { type LayerCall, usesOf } from "./model-layer.ts";

/** Which layers with weights the file freezes (trainable = False), a sentence; none where all of them train. */
export function frozenNotes(calls: readonly LayerCall[]): string[] {
  const layers = [...usesOf(calls).keys()].filter(({ weights }) => weights.size > 0);
  const frozen = layers.filter(({ trainable }) => !trainable).map(({ name }) => `"${name}"`);
  if (frozen.length === 0) return [];
  const shown =
    frozen.length > 6 ? `${frozen.slice(0, 5).join(", ")}, …, ${frozen.at(-1)}` : frozen.join(", ");
  return [
    `${frozen.length} of ${layers.length} layers with weights stay as they are, as the file says (trainable = False): ` +
      `${shown}. To train them after all, name their weights (trainable).`,
  ];
}
