/**
 * Compares the encoded vector at `atQuery` in `queries` with each of the `count` vectors from `atCopy` on in `copies`,
 * and writes to `out` numbers that order as the distances do; any number above `limit` where that would exceed `limit`.
 *
 * A vector has `width` numbers, a multiple of 4: four sums need not wait for one another. All four only grow, and so
 * does their rounded total: once it exceeds `limit` the result does too. One call compares many copies, and each
 * distance has a loop of its own, because a call per copy of a function that varies is not inlined.
 */
export type Measure = (
  queries: Float64Array,
  atQuery: number,
  copies: Float64Array,
  atCopy: number,
  count: number,
  width: number,
  limit: number,
  out: Float64Array,
) => void;

/** Σ (q − c)² */
export const squaredL2: Measure = (queries, atQuery, copies, atCopy, count, width, limit, out) => {
  for (let i = 0; i < count; i++) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    const start = atCopy + i * width;
    for (let k = 0; k < width && s0 + s1 + (s2 + s3) <= limit; k += 4) {
      const q = atQuery + k;
      const c = start + k;
      const d0 = queries[q] - copies[c];
      const d1 = queries[q + 1] - copies[c + 1];
      const d2 = queries[q + 2] - copies[c + 2];
      const d3 = queries[q + 3] - copies[c + 3];
      s0 += d0 * d0;
      s1 += d1 * d1;
      s2 += d2 * d2;
      s3 += d3 * d3;
    }
    out[i] = s0 + s1 + (s2 + s3);
  }
};

/** Σ |q − c| */
export const l1: Measure = (queries, atQuery, copies, atCopy, count, width, limit, out) => {
  for (let i = 0; i < count; i++) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    const start = atCopy + i * width;
    for (let k = 0; k < width && s0 + s1 + (s2 + s3) <= limit; k += 4) {
      const q = atQuery + k;
      const c = start + k;
      s0 += Math.abs(queries[q] - copies[c]);
      s1 += Math.abs(queries[q + 1] - copies[c + 1]);
      s2 += Math.abs(queries[q + 2] - copies[c + 2]);
      s3 += Math.abs(queries[q + 3] - copies[c + 3]);
    }
    out[i] = s0 + s1 + (s2 + s3);
  }
};

/** Σ q·c, no term of which is negative: −Σ p log p′ with p the query's softmax and −log p′ the copy's encoding. */
export const crossEntropy: Measure = (queries, atQuery, copies, atCopy, count, width, limit, out) => {
  for (let i = 0; i < count; i++) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    const start = atCopy + i * width;
    for (let k = 0; k < width && s0 + s1 + (s2 + s3) <= limit; k += 4) {
      const q = atQuery + k;
      const c = start + k;
      s0 += queries[q] * copies[c];
      s1 += queries[q + 1] * copies[c + 1];
      s2 += queries[q + 2] * copies[c + 2];
      s3 += queries[q + 3] * copies[c + 3];
    }
    out[i] = s0 + s1 + (s2 + s3);
  }
};
