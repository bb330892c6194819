import { UsageError, random } from "../tensor/index.ts";

/**
 * Disjoint random parts of labelled samples, stratified: each part has the classes in the proportions of all that the parts
 * before it left, as near as whole numbers come, and each class at least once while its size allows.
 *
 * Which samples of a class are drawn follows from the seed and from how many the class has; other classes, the classes'
 * names and later parts have no say in it.
 *
 * @param labels  class indices
 * @param sizes   of the parts; together no more than there are labels
 * @returns for each part the positions of its samples, rising
 */
export function strata(labels: Int32Array, sizes: readonly number[], seed: number): Uint32Array[] {
  const wanted = sizes.reduce((sum, size) => sum + size, 0);
  if (wanted > labels.length) {
    throw new UsageError(`${wanted} samples cannot be drawn of ${labels.length}. Ask for fewer.`);
  }
  const left = shuffledByClass(labels, seed);
  return sizes.map((size, part) => {
    const shares = proportionalShares(
      left.map((samples) => samples.length),
      size,
      // Where it matters which class is rounded up, no class is always first.
      random(seed, "sample", "ties", part).permutation(left.length),
    );
    const drawn = shares.flatMap((share, i) => Array.from(left[i].subarray(0, share)));
    shares.forEach((share, i) => (left[i] = left[i].subarray(share)));
    return Uint32Array.from(drawn).sort();
  });
}

/** The positions of each class's samples in random order; classes by their label. */
function shuffledByClass(labels: Int32Array, seed: number): Uint32Array[] {
  const byClass = new Map<number, number[]>();
  labels.forEach((label, i) => {
    const samples = byClass.get(label);
    if (samples) samples.push(i);
    else byClass.set(label, [i]);
  });
  return [...byClass]
    .sort(([a], [b]) => a - b)
    .map(([, samples]) =>
      random(seed, "sample")
        .permutation(samples.length)
        .map((place) => samples[place]),
    );
}

/**
 * `count` shared out in proportion to `sizes` by the largest remainder, with at least 1 for each that is not empty while
 * `count` allows.
 *
 * @param count  at most the sum of the sizes
 * @param order  of the sizes' places, by which equal remainders are told apart
 */
export function proportionalShares(
  sizes: readonly number[],
  count: number,
  order: ArrayLike<number> = sizes.map((_, i) => i),
): number[] {
  const shares = new Array<number>(sizes.length).fill(0);
  let places = Array.from(order).filter((i) => sizes[i] > 0);
  let rest = count;
  if (count >= places.length) {
    // Those whose share is below 1 get 1, which lowers the others' shares, perhaps below 1 too.
    for (;;) {
      const total = places.reduce((sum, i) => sum + sizes[i], 0);
      const small = places.filter((i) => sizes[i] * rest < total);
      if (small.length === 0) break;
      for (const i of small) shares[i] = 1;
      rest -= small.length;
      places = places.filter((i) => !small.includes(i));
    }
  }
  const total = places.reduce((sum, i) => sum + sizes[i], 0);
  for (const i of places) shares[i] = Math.floor((sizes[i] * rest) / total);
  const remainder = (i: number) => (sizes[i] * rest) % total;
  const missing = rest - places.reduce((sum, i) => sum + shares[i], 0);
  // The sort is stable, so that equal remainders stay in the order given.
  for (const i of [...places].sort((a, b) => remainder(b) - remainder(a)).slice(0, missing)) shares[i]++;
  return shares;
}
