/** Many random numbers at a time: xoroshiro128plus as pure-rand has it, in WebAssembly, or by the same steps in JavaScript. */
import { drawsBytes } from "./draws-wasm.ts";
import { type WasmMemory, wasmExports } from "./wasm.ts";

/** The generator's state, [4]: as pure-rand's `getState` gives it, the high half of each word before its low half. */
export type State = Int32Array;

interface DrawsWasm {
  readonly memory: WasmMemory;
  readonly uniforms: (state: number, out: number, count: number) => void;
  readonly normals: (state: number, out: number, count: number, sigma: number) => void;
}

/** Numbers in a call. */
const BLOCK = 1024;
/** Behind the functions' own stack. */
const STATE_AT = 65536;
/** In the middle of a page, as planes-memory.ts explains. */
const OUT_AT = STATE_AT + 2048;

let known: DrawsWasm | null | undefined;

function wasm(): DrawsWasm | null {
  if (known === undefined) {
    known = wasmExports<DrawsWasm>(drawsBytes);
    const lacking = known ? OUT_AT + 8 * (BLOCK + 4) - known.memory.buffer.byteLength : 0;
    if (lacking > 0) known!.memory.grow(Math.ceil(lacking / 65536));
  }
  return known;
}

/** Uniform in [0, 1), as pure-rand's uniformFloat64 gives them. @param state  changed */
export function drawUniforms(state: State, out: Float64Array): void {
  if (!inBlocks(state, out, ({ uniforms }, count) => uniforms(STATE_AT, OUT_AT, count)))
    plainUniforms(state, out);
}

/** Normal, of mean 0 and standard deviation sigma. @param state  changed */
export function drawNormals(state: State, out: Float64Array, sigma: number): void {
  if (!inBlocks(state, out, ({ normals }, count) => normals(STATE_AT, OUT_AT, count, sigma)))
    plainNormals(state, out, sigma);
}

/** @returns whether it could */
function inBlocks(
  state: State,
  out: Float64Array,
  draw: (functions: DrawsWasm, count: number) => void,
): boolean {
  const functions = wasm();
  if (functions === null) return false;
  const { buffer } = functions.memory;
  // The module's words have their low half first.
  const [s01, s00, s11, s10] = state;
  const words = new Int32Array(buffer, STATE_AT, 4);
  words.set([s00, s01, s10, s11]);
  const drawn = new Float64Array(buffer, OUT_AT, BLOCK);
  for (let start = 0; start < out.length; start += BLOCK) {
    const count = Math.min(BLOCK, out.length - start);
    draw(functions, count);
    out.set(count === BLOCK ? drawn : drawn.subarray(0, count), start);
  }
  state.set([words[1], words[0], words[3], words[2]]);
  return true;
}

export function plainUniforms(state: State, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) {
    const high = next(state) & 0x3ffffff;
    out[i] = high * 2 ** -26 + (next(state) & 0x7ffffff) * 2 ** -53;
  }
}

/** Marsaglia's polar method: a point drawn uniformly in the unit disc gives two. An odd last one's partner is lost. */
export function plainNormals(state: State, out: Float64Array, sigma: number): void {
  for (let i = 0; i < out.length; i += 2) {
    let x: number;
    let y: number;
    let square: number;
    do {
      // One draw has 53 bits: 27 for x, 26 for y.
      const high = next(state) & 0x3ffffff;
      const low = next(state) & 0x7ffffff;
      x = ((high << 1) | (low >> 26)) * 2 ** -26 - 1;
      y = (low & 0x3ffffff) * 2 ** -25 - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const factor = sigma * Math.sqrt((-2 * logarithm(square)) / square);
    out[i] = x * factor;
    if (i + 1 < out.length) out[i + 1] = y * factor;
  }
}

/** The lower half of the generator's next number. */
function next(state: State): number {
  const [s01, s00, s11, s10] = state;
  const a0 = s10 ^ s00;
  const a1 = s11 ^ s01;
  state[0] = (s01 << 24) ^ (s00 >>> 8) ^ a1 ^ ((a1 << 16) | (a0 >>> 16));
  state[1] = (s00 << 24) ^ (s01 >>> 8) ^ a0 ^ (a0 << 16);
  state[2] = (a0 << 5) ^ (a1 >>> 27);
  state[3] = (a1 << 5) ^ (a0 >>> 27);
  return (s00 + s10) | 0;
}

const bits = new DataView(new ArrayBuffer(8));

/**
 * The natural logarithm of a positive normal number, within an ulp. Engines' own differ in the last bit, and so would what
 * is drawn: x = 2^k · (1 + f), 1 + f from √½ to √2; with s = f / (2 + f), log(1 + f) = 2s + 2/3·s³ + … is f − (f²/2 − s·(f²/2 + R(s²))), R by a
 * polynomial. Coefficients: fdlibm's `e_log.c` (Sun Microsystems, 1993), and log 2 in two parts, of which k times the first is exact.
 */
export function logarithm(value: number): number {
  bits.setFloat64(0, value);
  let high = bits.getInt32(0);
  let k = (high >> 20) - 1023;
  high &= 0xfffff;
  const carry = (high + 0x95f64) & 0x100000;
  k += carry >> 20;
  bits.setInt32(0, high | (carry ^ 0x3ff00000));
  const f = bits.getFloat64(0) - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const odd = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const even =
    z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const rest = even + odd;
  const half = 0.5 * f * f;
  return k * 0.6931471803691238 - (half - (s * (half + rest) + k * 1.9082149292705877e-10) - f);
}
