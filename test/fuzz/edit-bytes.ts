/** Damage to bytes: what a bad disk, a cut download, or somebody who knows formats does to a file. */
import { type Edit, pick } from "./plan.ts";

/** Numbers at which lengths, counts and offsets go wrong. */
const numbers = [
  0, 1, 2, 7, 8, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
];

const edits: readonly ((bytes: Uint8Array, where: number, what: number) => Uint8Array)[] = [
  function flipBit(bytes, where, what) {
    bytes[where] ^= 1 << (what % 8);
    return bytes;
  },
  function setByte(bytes, where, what) {
    bytes[where] = pick(numbers, what);
    return bytes;
  },
  function cutOff(bytes, where) {
    return bytes.slice(0, where);
  },
  function takeOut(bytes, where, what) {
    return joined(bytes.subarray(0, where), bytes.subarray(where + 1 + (what % 64)));
  },
  function putIn(bytes, where, what) {
    const some = Uint8Array.from({ length: 1 + (what % 32) }, (_, i) => (what >>> (i % 24)) & 255);
    return joined(bytes.subarray(0, where), some, bytes.subarray(where));
  },
  function repeat(bytes, where, what) {
    const end = where + 1 + (what % 256);
    return joined(bytes.subarray(0, end), bytes.subarray(where));
  },
  function copyOver(bytes, where, what) {
    bytes.copyWithin(where, what % bytes.length, (what % bytes.length) + 32);
    return bytes;
  },
  function setNumber(bytes, where, what) {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    if (where + 4 <= bytes.length) view.setUint32(where, pick(numbers, what >>> 1), what % 2 === 0);
    return bytes;
  },
  function setLongNumber(bytes, where, what) {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    if (where + 8 > bytes.length) return bytes;
    view.setBigUint64(where, what % 3 === 0 ? 2n ** 64n - 1n : BigInt(pick(numbers, what)) << 8n, true);
    return bytes;
  },
  function clear(bytes, where, what) {
    return bytes.fill(0, where, where + 1 + (what % 512));
  },
];

export function editBytes(given: Uint8Array, list: readonly Edit[]): Uint8Array {
  let bytes: Uint8Array = given.slice();
  for (const [how, where, what] of list) {
    if (bytes.length === 0) return bytes;
    // Formats keep at their beginning and end what the rest is read by.
    const zone = where % 4;
    const n = Math.floor(where / 4);
    const edge = Math.min(256, bytes.length);
    const at = zone === 0 ? n % edge : zone === 1 ? bytes.length - 1 - (n % edge) : n % bytes.length;
    bytes = pick(edits, how)(bytes, at, what);
  }
  return bytes;
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
