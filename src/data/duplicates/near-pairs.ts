import { DESCRIPTOR_LENGTH } from "./fingerprint.ts";

/** How far apart descriptors of copies lie at most: 0.65 holds 95 of 100 that are cut by a tenth at two sides. */
const FARTHEST = 0.65;

/** Neighbours of a picture that are looked at: a copy is among the nearest, and many copies hold together in a chain. */
const NEIGHBOURS = 4;

/**
 * Pairs of places whose descriptors are near each other, each once, the lower place first.
 *
 * @param descriptors  [n, 35]
 */
export function nearPairs(descriptors: Float32Array): (readonly [number, number])[] {
  const n = descriptors.length / DESCRIPTOR_LENGTH;
  const near = Array.from({ length: n }, (): Neighbour[] => []);
  const limits = new Float32Array(n).fill(FARTHEST ** 2);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < a; b++) {
      const most = Math.max(limits[a], limits[b]);
      const distance = squaredDistance(descriptors, a, b, most);
      if (distance > most) continue;
      keep(near[a], limits, a, { place: b, distance });
      keep(near[b], limits, b, { place: a, distance });
    }
  }
  const pairs = new Map<number, readonly [number, number]>();
  near.forEach((neighbours, a) => {
    for (const { place: b } of neighbours) {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      pairs.set(low * n + high, [low, high]);
    }
  });
  return [...pairs.values()];
}

interface Neighbour {
  readonly place: number;
  /** Squared. */
  readonly distance: number;
}

/** The nearest, nearest first; equal distances all stay, so that no order of pictures decides. */
function keep(nearest: Neighbour[], limits: Float32Array, place: number, found: Neighbour): void {
  if (found.distance > limits[place]) return;
  let at = nearest.length;
  while (at > 0 && nearest[at - 1].distance > found.distance) at--;
  nearest.splice(at, 0, found);
  if (nearest.length <= NEIGHBOURS) return;
  const limit = nearest[NEIGHBOURS - 1].distance;
  while (nearest.at(-1)!.distance > limit) nearest.pop();
  limits[place] = limit;
}

/** As soon as it is more than `most`, that much of it. */
function squaredDistance(descriptors: Float32Array, a: number, b: number, most: number): number {
  const [from, to] = [a * DESCRIPTOR_LENGTH, b * DESCRIPTOR_LENGTH];
  let sum = 0;
  for (let i = 0; i < DESCRIPTOR_LENGTH; i += 5) {
    const d0 = descriptors[from + i] - descriptors[to + i];
    const d1 = descriptors[from + i + 1] - descriptors[to + i + 1];
    const d2 = descriptors[from + i + 2] - descriptors[to + i + 2];
    const d3 = descriptors[from + i + 3] - descriptors[to + i + 3];
    const d4 = descriptors[from + i + 4] - descriptors[to + i + 4];
    sum += d0 * d0 + d1 * d1 + d2 * d2 + d3 * d3 + d4 * d4;
    if (sum > most) return sum;
  }
  return sum;
}
