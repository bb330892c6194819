import { type DType, ShapeError, float32, numbersOf } from "../../tensor/index.ts";
import { describeNode, intAttribute } from "../attribute.ts";
import type { Operators } from "../operators.ts";
import type { InferenceNode } from "../infer/rule.ts";
import type { Value } from "../value.ts";

/** What is added to the scores of an Attention, [N, H, length, keys]. */
export interface AttentionBias {
  /** Broadcasts to the scores. */
  readonly value: Value;
  /** Whether there may be a query that no key is left for. */
  readonly mayHideAll: boolean;
}

/** The mask and the order of queries and keys, as far as they hide anything. */
export function attentionBias(
  g: Operators,
  node: InferenceNode,
  { length, keys }: { readonly length: number; readonly keys: number },
  dtype: DType,
): AttentionBias | undefined {
  const given = node.inputs[3];
  const order = orderBias(node, length, keys);
  const parts = [
    ...(given ? [maskBias(g, node, given, keys, dtype)] : []),
    ...(order ? [g.cast(g.constant(float32([length, keys], order)), dtype)] : []),
  ];
  if (parts.length === 0) return undefined;
  const value = parts.reduce((a, b) => g.add(a, b));
  // Queries see at least the first key by their order alone.
  return { value, mayHideAll: given !== undefined && given !== null && mayHideRow(value) };
}

/** A mask of booleans (true: seen), or of what is added; keys beyond its end are not seen. */
function maskBias(g: Operators, node: InferenceNode, mask: Value, keys: number, dtype: DType): Value {
  const none = g.cast(g.scalar(-Infinity), dtype);
  const bias = mask.dtype === "bool" ? g.where(mask, g.cast(g.scalar(0), dtype), none) : mask;
  const reached = bias.shape.at(-1) ?? 1;
  if (reached > keys) {
    throw new ShapeError(`${describeNode(node)}: a mask [${mask.shape}] does not fit ${keys} keys.`);
  }
  if (reached === keys || reached === 1) return bias;
  const beyond = g.expand(none, [...bias.shape.slice(0, -1), keys - reached]);
  return g.concat([bias, beyond], bias.shape.length - 1);
}

/** Row by row, 0 where a query may see a key by the order of both and −∞ elsewhere; undefined where each may see all. */
function orderBias(node: InferenceNode, length: number, keys: number): number[] | undefined {
  const left = intAttribute(node, "left_window_size", -1);
  const right = intAttribute(node, "right_window_size", -1);
  const isCausal = intAttribute(node, "is_causal", 0) !== 0;
  if (!isCausal && left < 0 && right < 0) return undefined;
  return Array.from({ length: length * keys }, (_, at) => {
    const ahead = (at % keys) - Math.floor(at / keys);
    const isHidden = (isCausal && ahead > 0) || (left >= 0 && -ahead > left) || (right >= 0 && ahead > right);
    return isHidden ? -Infinity : 0;
  });
}

/** Whether a row of −∞ alone cannot be ruled out. */
function mayHideRow({ constant, shape }: Value): boolean {
  if (!constant) return true;
  const numbers = numbersOf(constant);
  const row = shape.at(-1) ?? 1;
  for (let from = 0; from < numbers.length; from += row) {
    if (numbers.slice(from, from + row).every((v) => v === -Infinity)) return true;
  }
  return false;
}
