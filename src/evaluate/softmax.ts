/**
 * The softmax of a row of logits, [K], divided by a temperature before.
 *
 * @returns K numbers in [0, 1] that sum to 1, in double precision
 */
export function softmax(logits: Float32Array, temperature = 1): number[] {
  const top = logits.reduce((most, z) => Math.max(most, z), -Infinity);
  const odds = Array.from(logits, (z) => Math.exp((z - top) / temperature));
  const sum = odds.reduce((total, odd) => total + odd, 0);
  return odds.map((odd) => odd / sum);
}

/** Its largest number alone. */
export function topProbability(logits: Float32Array, temperature = 1): number {
  const top = logits.reduce((most, z) => Math.max(most, z), -Infinity);
  return 1 / logits.reduce((sum, z) => sum + Math.exp((z - top) / temperature), 0);
}
