import { drawNormals, drawUniforms } from "./draws.ts";
import { UsageError } from "./errors.ts";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus, xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/** A seeded stream of random numbers. Equal seeds and paths give equal streams, on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** As so many calls of `uniform`, in a fraction of the time. */
  uniforms(out: Float64Array): void;
  /** Normal, of mean 0 and that standard deviation (default 1): other numbers than so many calls of `normal` give, in a fraction of the time. */
  normals(out: Float64Array, sigma?: number): void;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
  /** Standard normal. */
  normal(): number;
  /** A random permutation of 0 … length − 1. */
  permutation(length: number): Uint32Array;
}

/**
 * The stream named by a seed and a path, e.g. `random(seed, "order", epoch)`.
 *
 * Streams are derived, not advanced: epoch 7's order needs no state from epoch 6, so a resumed run
 * draws exactly what an unbroken one would have drawn.
 */
export function random(seed: number, ...path: readonly (number | string)[]): Random {
  if (!Number.isSafeInteger(seed)) {
    const given = typeof seed === "number" ? seed : typeof seed;
    throw new UsageError(`random takes a whole number as its seed, not ${given}.`);
  }
  let generator = xoroshiro128plus(finish(path.reduce<number>(mix, mix(0x9e3779b9, seed))));
  const uniform = () => uniformFloat64(generator);
  const drawMany = (draw: (state: Int32Array) => void): void => {
    const state = Int32Array.from(generator.getState());
    draw(state);
    generator = xoroshiro128plusFromState(Array.from(state));
  };
  const integer = (below: number) => uniformInt(generator, 0, below - 1);
  return {
    uniform,
    uniforms: (out) => drawMany((state) => drawUniforms(state, out)),
    integer,
    // Box–Muller; 1 − u keeps the logarithm's argument above zero.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    normals: (out, sigma = 1) => drawMany((state) => drawNormals(state, out, sigma)),
    permutation(length) {
      const order = Uint32Array.from({ length }, (_, i) => i);
      for (let i = length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [order[i], order[j]] = [order[j], order[i]];
      }
      return order;
    },
  };
}

/** Folds one path element into a 32-bit state (MurmurHash3's mixing of each 32-bit word). */
function mix(state: number, part: number | string): number {
  const words =
    typeof part === "string"
      ? [part.length, ...Array.from(part, (c) => c.codePointAt(0)!)]
      : [part | 0, Math.floor(part / 2 ** 32) | 0];
  for (const word of words) {
    let k = Math.imul(word, 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    state ^= k;
    state = (Math.imul((state << 13) | (state >>> 19), 5) + 0xe6546b64) | 0;
  }
  return state;
}

/** MurmurHash3's last rounds. Without them, names that differ in their last bits draw alike at first. */
function finish(state: number): number {
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return state ^ (state >>> 16);
}
