import type { Distance } from "./distance.ts";
import { NearestList } from "./nearest-list.ts";
import type { Embeddings } from "./predictions.ts";

/** Copies compared at a time, in numbers of 8 bytes: 32 kB, which stay in a core's first-level cache. */
const BLOCK_NUMBERS = 2 ** 12;

/**
 * For each of a class's samples, the share of its own copies among the |A| copies nearest to it; ties go to the copy of
 * the lower sample index. Exact.
 *
 * Each list of the |A| nearest starts full of the sample's own copies: whatever they displace is what the score
 * asks, and the search radius is tight from the first comparison on. The copies are gone through in blocks, each for
 * all samples. Memory: the class's encoded copies and the lists, both linear in its samples.
 *
 * @param samples  indices of the class's samples, ascending, [t]
 * @returns        multiples of 1/|A|, [t]
 */
export function ownShares(
  samples: readonly number[],
  embeddings: Embeddings,
  distance: Distance,
): Float64Array {
  const members = embeddings.values.length;
  const { queries, copies, width } = encode(samples, embeddings, distance);
  const perBlock = Math.max(1, Math.floor(BLOCK_NUMBERS / (members * width)));
  const measured = new Float64Array(perBlock * members);
  /** Compares sample `s` with all copies of `count` samples, the first of them `first`. */
  const measure = (s: number, first: number, count: number, limit: number) =>
    distance.measure(
      queries,
      s * width,
      copies,
      first * members * width,
      count * members,
      width,
      limit,
      measured,
    );

  const lists = samples.map((_, s) => {
    const nearest = new NearestList(members);
    measure(s, s, 1, Infinity);
    for (let m = 0; m < members; m++) nearest.offer(measured[m], s);
    return nearest;
  });
  for (let first = 0; first < samples.length; first += perBlock) {
    const count = Math.min(perBlock, samples.length - first);
    lists.forEach((nearest, s) => {
      measure(s, first, count, nearest.reach);
      for (let i = 0; i < count * members; i++) {
        if (measured[i] > nearest.reach) continue;
        const other = first + Math.floor(i / members);
        if (other !== s) nearest.offer(measured[i], other);
      }
    });
  }
  return Float64Array.from(lists, (nearest, s) => nearest.countOf(s) / members);
}

/** A class's vectors as the distance compares them, each of `width` numbers. */
interface Encoded {
  /** The samples' identity copies in the role of queries, [t, width]. */
  readonly queries: Float64Array;
  /** All copies, by sample and then by member, [t, |A|, width]. */
  readonly copies: Float64Array;
  /** A multiple of 4; numbers beyond the encoding's own are 0. */
  readonly width: number;
}

function encode(samples: readonly number[], { values, dimension }: Embeddings, distance: Distance): Encoded {
  const members = values.length;
  const width = Math.ceil(distance.numbers(dimension) / 4) * 4;
  const queries = new Float64Array(samples.length * width);
  const copies = new Float64Array(samples.length * members * width);
  const rowOf = (rows: Float64Array, row: number) => rows.subarray(row * width, (row + 1) * width);
  samples.forEach((sample, s) => {
    values.forEach((rows, m) => {
      const vector = rows.subarray(sample * dimension, (sample + 1) * dimension);
      if (m === 0) distance.encode(vector, "query", rowOf(queries, s));
      distance.encode(vector, "copy", rowOf(copies, s * members + m));
    });
  });
  const encoded = { queries, copies, width };
  const order = tellingFirst(encoded, samples.length, members, distance);
  permuteRows(queries, order);
  permuteRows(copies, order);
  return encoded;
}

/**
 * The coordinates in an order in which a comparison adds up fast, so that it can stop early: by what they
 * contribute, on average, to the distance of a sample from the next one. It halves the time for a layer of ReLUs, many of
 * which are 0 throughout a class, and for softmax, where few entries matter. Any order would be correct.
 */
function tellingFirst(
  { queries, copies, width }: Encoded,
  samples: number,
  members: number,
  { term }: Distance,
): Int32Array {
  const contribution = new Float64Array(width);
  for (let s = 0; s + 1 < samples; s++) {
    for (let k = 0; k < width; k++) {
      contribution[k] += term(queries[s * width + k], copies[(s + 1) * members * width + k]);
    }
  }
  return Int32Array.from({ length: width }, (_, k) => k).sort((a, b) => contribution[b] - contribution[a]);
}

function permuteRows(rows: Float64Array, order: Int32Array): void {
  const width = order.length;
  const row = new Float64Array(width);
  for (let start = 0; start < rows.length; start += width) {
    row.set(rows.subarray(start, start + width));
    for (let k = 0; k < width; k++) rows[start + k] = row[order[k]];
  }
}
