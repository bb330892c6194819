import { type Measure, crossEntropy, l1, squaredL2 } from "./measure.ts";
import { negativeLogSoftmax } from "./negative-log-softmax.ts";

/**
 * Distances between embeddings, as `encode` + `measure`.
 *
 * `encode` turns a vector into a form in which comparing is cheap; `measure` then gives a number that orders
 * copies as the distance does. It need not be the distance: squared l2 orders as l2 without the root. Every
 * `measure` is a sum of non-negative terms, so that a search may stop adding once a copy is out of reach.
 */
export interface Distance {
  /** Numbers of an encoded vector, for vectors of `dimension`. */
  numbers(dimension: number): number;
  /** Writes the encoding of `vector` as it is used for a query, or for a copy, to the start of `out`, which is zeros. */
  encode(vector: Float32Array, role: "query" | "copy", out: Float64Array): void;
  /** What one coordinate contributes to `measure`. */
  readonly term: (query: number, copy: number) => number;
  /** Compares a query with copies: the sums of the terms. */
  readonly measure: Measure;
}

export type DistanceName = "l2" | "l1" | "cosine" | "kl";

const same = (dimension: number) => dimension;
const oneMore = (dimension: number) => dimension + 1;
const squaredDifference = (q: number, c: number) => (q - c) ** 2;
const copyValues = (vector: Float32Array, _role: string, out: Float64Array) => out.set(vector);

/**
 * The vector at unit length, with one coordinate more that is 0; for unit vectors ‖u − v‖² = 2 (1 − cosine), and
 * the difference loses no digits where the cosine is close to 1. A zero vector has no direction: it gets the
 * extra coordinate as a direction of its own, at cosine distance 0 from zero vectors and 1 from all others.
 */
function encodeDirection(vector: Float32Array, _role: string, out: Float64Array): void {
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

/** softmax for a query, −log softmax for a copy. */
function encodeDistribution(vector: Float32Array, role: "query" | "copy", out: Float64Array): void {
  negativeLogSoftmax(vector, out);
  if (role === "query") for (let k = 0; k < vector.length; k++) out[k] = Math.exp(-out[k]);
}

/**
 * The distances a search for nearest copies may use. `cosine` is 1 − cosine similarity. `kl` is
 * KL(softmax(query) ‖ softmax(copy)): the expectation is under the query. For a given query it differs from the
 * cross-entropy by the query's entropy, a constant, so the cross-entropy orders the copies alike.
 */
export const distances: Readonly<Record<DistanceName, Distance>> = {
  l2: { numbers: same, encode: copyValues, term: squaredDifference, measure: squaredL2 },
  l1: { numbers: same, encode: copyValues, term: (q, c) => Math.abs(q - c), measure: l1 },
  cosine: { numbers: oneMore, encode: encodeDirection, term: squaredDifference, measure: squaredL2 },
  kl: { numbers: same, encode: encodeDistribution, term: (q, c) => q * c, measure: crossEntropy },
};
