/** [n, 1] of a model that gives the logit of the second of two classes as [n, 2]; other logits as they are. */
export function ofTwoClasses(logits: Float32Array, count: number): Float32Array {
  if (logits.length !== count) return logits;
  const rows = new Float32Array(2 * count);
  logits.forEach((z, i) => (rows[2 * i + 1] = z));
  return rows;
}
