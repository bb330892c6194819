import { isRecord, shown } from "../options/index.ts";
import { UsageError } from "../tensor/errors.ts";
import { ownArray } from "../tensor/own-array.ts";

/** What `predict` gave: logits alone, or with embeddings. Arrays of another realm are as good. @throws UsageError */
export function predictedParts(predicted: unknown): { logits: Float32Array; embeddings?: Float32Array } {
  const own = ownArray(predicted);
  if (own instanceof Float32Array) return { logits: own };
  if (isRecord(own)) {
    const [logits, embeddings] = [ownArray(own.logits), ownArray(own.embeddings)];
    if (logits instanceof Float32Array && embeddings instanceof Float32Array) return { logits, embeddings };
  }
  throw new UsageError(
    `predict gave ${shown(predicted)}. Return a Float32Array of the logits, [n, classes] row by row.`,
  );
}
