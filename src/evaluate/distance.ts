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
  /** Orders as the distance does; any number above `limit` if the result would exceed `limit`. */
  measure: Measure;
}

/**
 * Compares `width` numbers from `atQuery` on in `queries` with those from `atCopy` on in `copies`. `width` is a multiple
 * of 4: four sums that do not wait for one another are three times as fast as one. All four only grow, and so
 * does their rounded total: once it exceeds `limit` the result does too.
 */
type Measure = (
  queries: Float64Array,
  atQuery: number,
  copies: Float64Array,
  atCopy: number,
  width: number,
  limit: number,
) => number;

export type DistanceName = "l2" | "l1" | "cosine" | "kl";

const squaredL2: Measure = (q, atQuery, c, atCopy, width, limit) => {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let k = 0; k < width && s0 + s1 + (s2 + s3) <= limit; k += 4) {
    const d0 = q[atQuery + k] - c[atCopy + k];
    const d1 = q[atQuery + k + 1] - c[atCopy + k + 1];
    const d2 = q[atQuery + k + 2] - c[atCopy + k + 2];
    const d3 = q[atQuery + k + 3] - c[atCopy + k + 3];
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  return s0 + s1 + (s2 + s3);
};

const l1: Measure = (q, atQuery, c, atCopy, width, limit) => {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let k = 0; k < width && s0 + s1 + (s2 + s3) <= limit; k += 4) {
    s0 += Math.abs(q[atQuery + k] - c[atCopy + k]);
    s1 += Math.abs(q[atQuery + k + 1] - c[atCopy + k + 1]);
    s2 += Math.abs(q[atQuery + k + 2] - c[atCopy + k + 2]);
    s3 += Math.abs(q[atQuery + k + 3] - c[atCopy + k + 3]);
  }
  return s0 + s1 + (s2 + s3);
};

/** −Σ p log p′ with p the query's softmax and −log p′ the copy's encoding. */
const crossEntropy: Measure = (q, atQuery, c, atCopy, width, limit) => {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let k = 0; k < width && s0 + s1 + (s2 + s3) <= limit; k += 4) {
    s0 += q[atQuery + k] * c[atCopy + k];
    s1 += q[atQuery + k + 1] * c[atCopy + k + 1];
    s2 += q[atQuery + k + 2] * c[atCopy + k + 2];
    s3 += q[atQuery + k + 3] * c[atCopy + k + 3];
  }
  return s0 + s1 + (s2 + s3);
};

const same = (dimension: number) => dimension;
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

/**
 * softmax for a query, −log softmax for a copy. Of the largest entry that is log(1 + the sum of the others' odds),
 * exact to the last digit where the model is all but certain: there every other digit of 1 − p is lost.
 */
function encodeDistribution(vector: Float32Array, role: "query" | "copy", out: Float64Array): void {
  let top = 0;
  for (let k = 1; k < vector.length; k++) if (vector[k] > vector[top]) top = k;
  let others = 0;
  vector.forEach((x, k) => (others += k === top ? 0 : Math.exp(x - vector[top])));
  const logSum = Math.log1p(others);
  vector.forEach((x, k) => {
    const surprise = vector[top] - x + logSum;
    out[k] = role === "query" ? Math.exp(-surprise) : surprise;
  });
}

/**
 * The distances a search for nearest copies may use. `cosine` is 1 − cosine similarity. `kl` is
 * KL(softmax(query) ‖ softmax(copy)): the expectation is under the query. For a given query it differs from the
 * cross-entropy by the query's entropy, a constant, so the cross-entropy orders the copies alike.
 */
export const distances: Readonly<Record<DistanceName, Distance>> = {
  l2: { numbers: same, encode: copyValues, measure: squaredL2 },
  l1: { numbers: same, encode: copyValues, measure: l1 },
  cosine: { numbers: (dimension) => dimension + 1, encode: encodeDirection, measure: squaredL2 },
  kl: { numbers: same, encode: encodeDistribution, measure: crossEntropy },
};
