/**
 * A hash of an image's own values, by which random transforms are functions of the image: MurmurHash3's rounds over the bits of
 * the floats, four words side by side. In WebAssembly, or by the same steps in JavaScript.
 */
import { placesFor, planesWasm } from "./planes-memory.ts";

/** 32 bits. @param key  hashes of one image under two keys have nothing in common */
export function imageHash(values: Float32Array, key: number): number {
  const wasm = planesWasm();
  const [at] = (wasm && placesFor(wasm, [4 * values.length])) ?? [];
  if (!wasm || at === undefined) return plainHash(values, key);
  new Float32Array(wasm.memory.buffer, at, values.length).set(values);
  return wasm.hash(at, values.length, key);
}

/** The last four words are filled up with zeros; the length counts too. */
export function plainHash(values: Float32Array, key: number): number {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length);
  const states = new Int32Array(4).fill(key);
  for (let i = 0; i < Math.ceil(words.length / 4) * 4; i++)
    states[i % 4] = mixed(states[i % 4], words[i] ?? 0);
  return finished(states.reduce(mixed, key ^ words.length));
}

const mixed = (state: number, word: number): number => {
  const k = Math.imul(turned(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
  return (Math.imul(turned(state ^ k, 13), 5) + 0xe6546b64) | 0;
};

/** MurmurHash3's last rounds. */
export function finished(state: number): number {
  let h = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

export const turned = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
