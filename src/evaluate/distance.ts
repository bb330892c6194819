/**
 * Distances between embeddings, as `encode` + `measure`.
 *
 * `encode` turns a vector into a form in which comparing is cheap; `measure` then gives a number that orders
 * copies as the distance does. It need not be the distance: squared l2 orders as l2 without the root. Every
 * `measure` is a sum of non-negative terms, so that a search may stop adding once a copy is out of reach.
 */
export interface Distance {
  /** Numbers per encoded vector, for vectors of `dimension`. */
  width(dimension: number): number;
  /** Writes the encoding of `vector` as it is used for a query, or for a copy. */
  encode(vector: Float32Array, role: "query" | "copy", out: Float64Array): void;
  /** Orders as the distance does; any number above `limit` if the result would exceed `limit`. */
  measure(query: Float64Array, copies: Float64Array, offset: number, limit: number): number;
}

export type DistanceName = "l2" | "l1" | "cosine" | "kl";

const same = (dimension: number) => dimension;
const copyValues = (vector: Float32Array, _role: string, out: Float64Array) => out.set(vector);

function squaredL2(query: Float64Array, copies: Float64Array, offset: number, limit: number): number {
  let sum = 0;
  for (let k = 0; k < query.length && sum <= limit; k++) {
    const d = query[k] - copies[offset + k];
    sum += d * d;
  }
  return sum;
}

function l1(query: Float64Array, copies: Float64Array, offset: number, limit: number): number {
  let sum = 0;
  for (let k = 0; k < query.length && sum <= limit; k++) sum += Math.abs(query[k] - copies[offset + k]);
  return sum;
}

/** −Σ p log p′ with p the query's softmax and log p′ the copy's log-softmax. */
function crossEntropy(query: Float64Array, copies: Float64Array, offset: number, limit: number): number {
  let sum = 0;
  for (let k = 0; k < query.length && sum <= limit; k++) sum -= query[k] * copies[offset + k];
  return sum;
}

/**
 * The vector at unit length, with one coordinate more that is 0; for unit vectors ‖u − v‖² = 2 (1 − cosine), and
 * the difference loses no digits where the cosine is close to 1. A zero vector has no direction: it gets the
 * extra coordinate as a direction of its own, at cosine distance 0 from zero vectors and 1 from all others.
 */
function encodeDirection(vector: Float32Array, _role: string, out: Float64Array): void {
  out.fill(0);
  // Scaling by the largest entry first keeps the squares in range.
  const scale = vector.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  if (scale === 0) {
    out[vector.length] = 1;
    return;
  }
  let sum = 0;
  vector.forEach((x, k) => {
    out[k] = x / scale;
    sum += out[k] * out[k];
  });
  const norm = Math.sqrt(sum);
  for (let k = 0; k < vector.length; k++) out[k] /= norm;
}

/** softmax for a query, log-softmax for a copy. */
function encodeDistribution(vector: Float32Array, role: "query" | "copy", out: Float64Array): void {
  const max = vector.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (const x of vector) sum += Math.exp(x - max);
  const logSum = Math.log(sum);
  vector.forEach((x, k) => {
    const logP = x - max - logSum;
    out[k] = role === "query" ? Math.exp(logP) : logP;
  });
}

/**
 * The distances a search for nearest copies may use. `cosine` is 1 − cosine similarity. `kl` is
 * KL(softmax(query) ‖ softmax(copy)): the expectation is under the query. For a given query it differs from the
 * cross-entropy by the query's entropy, a constant, so the cross-entropy orders the copies alike.
 */
export const distances: Readonly<Record<DistanceName, Distance>> = {
  l2: { width: same, encode: copyValues, measure: squaredL2 },
  l1: { width: same, encode: copyValues, measure: l1 },
  cosine: { width: (dimension) => dimension + 1, encode: encodeDirection, measure: squaredL2 },
  kl: { width: same, encode: encodeDistribution, measure: crossEntropy },
};
