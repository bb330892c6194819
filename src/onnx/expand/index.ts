/**
 * Operators that are written out in others wherever a graph is built, so that neither gradients nor lowerings know them. A
 * file that is written keeps them.
 */
import { attention } from "./attention.ts";
import { castLike } from "./cast-like.ts";
import { rotaryEmbedding } from "./rotary-embedding.ts";
import type { Expansion } from "./rule.ts";
import { sequenceExpansions } from "./sequences.ts";

const table = {
  Attention: attention,
  CastLike: castLike,
  RotaryEmbedding: rotaryEmbedding,
  ...sequenceExpansions,
} satisfies Record<string, Expansion>;

/** By operator of ONNX's own domain. */
export const expansions: ReadonlyMap<string, Expansion> = new Map(Object.entries<Expansion>(table));

export const expandedOperators: ReadonlySet<string> = new Set(expansions.keys());
