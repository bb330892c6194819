import { UsageError } from "./errors.ts";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus, xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/** A seeded stream of random numbers. Equal seeds and paths give equal streams, on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** As so many calls of `uniform`, in a fifth of the time. */
  uniforms(out: Float64Array): void;
  /** As so many calls of `normal`, times `sigma`. */
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
  const uniforms = (out: Float64Array): void => {
    const state = Int32Array.from(generator.getState());
    drawUniforms(state, out);
    generator = xoroshiro128plusFromState(Array.from(state));
  };
  const integer = (below: number) => uniformInt(generator, 0, below - 1);
  return {
    uniform,
    uniforms,
    integer,
    // Box–Muller; 1 − u keeps the logarithm's argument above zero.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    normals(out, sigma = 1) {
      const some = new Float64Array(Math.min(2 * out.length, 1024));
      for (let start = 0; start < out.length; start += some.length / 2) {
        const count = Math.min(some.length / 2, out.length - start);
        const drawn = some.subarray(0, 2 * count);
        uniforms(drawn);
        for (let i = 0; i < count; i++) {
          const length = Math.sqrt(-2 * Math.log(1 - drawn[2 * i]));
          out[start + i] = sigma * (length * Math.cos(2 * Math.PI * drawn[2 * i + 1]));
        }
      }
    },
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

/**
 * pure-rand's xoroshiro128plus and uniformFloat64 with the state in variables, which the machine keeps in registers: the same numbers.
 *
 * @param state  [4], as its `getState` gives it; changed
 */
function drawUniforms(state: Int32Array, out: Float64Array): void {
  let s01 = state[0];
  let s00 = state[1];
  let s11 = state[2];
  let s10 = state[3];
  for (let i = 0; i < out.length; i++) {
    const high = (s00 + s10) & 0x3ffffff;
    let a0 = s10 ^ s00;
    let a1 = s11 ^ s01;
    let was = s00;
    s00 = (s00 << 24) ^ (s01 >>> 8) ^ a0 ^ (a0 << 16);
    s01 = (s01 << 24) ^ (was >>> 8) ^ a1 ^ ((a1 << 16) | (a0 >>> 16));
    s10 = (a1 << 5) ^ (a0 >>> 27);
    s11 = (a0 << 5) ^ (a1 >>> 27);
    const low = (s00 + s10) & 0x7ffffff;
    a0 = s10 ^ s00;
    a1 = s11 ^ s01;
    was = s00;
    s00 = (s00 << 24) ^ (s01 >>> 8) ^ a0 ^ (a0 << 16);
    s01 = (s01 << 24) ^ (was >>> 8) ^ a1 ^ ((a1 << 16) | (a0 >>> 16));
    s10 = (a1 << 5) ^ (a0 >>> 27);
    s11 = (a0 << 5) ^ (a1 >>> 27);
    out[i] = high * 2 ** -26 + low * 2 ** -53;
  }
  state.set([s01, s00, s11, s10]);
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
