/**
 * Normal numbers added to an image, as many as it has values, all of them in single precision: in WebAssembly, or by the same
 * steps in JavaScript.
 *
 * What is added is a function of a key and the image: a hash of both seeds four xoshiro128+ generators (Blackman & Vigna 2021), one for every fourth value. Box–Muller makes two numbers of two
 * draws: the radius √(−2 ln u), u of 24 bits and never 0, so that 5.77 standard deviations are the most; and a point of the circle,
 * of 24 bits too. Logarithm, sine and cosine are polynomials of Cephes' `logf`, `sinf` and `cosf` (Moshier 1992), right to 2·10⁻⁷: engines' own
 * differ in their last bits.
 */
import { finished, plainHash, turned } from "./image-hash.ts";
import { placesFor, planesWasm } from "./planes-memory.ts";

/** @param from  one image. @param to  where it goes with its noise; may be `from` */
export function addNoise(from: Float32Array, to: Float32Array, key: number, standardDeviation: number): void {
  const wasm = planesWasm();
  const [at] = (wasm && placesFor(wasm, [4 * from.length])) ?? [];
  if (!wasm || at === undefined) return plainNoise(from, to, key, standardDeviation);
  const values = new Float32Array(wasm.memory.buffer, at, from.length);
  values.set(from);
  wasm.noise(at, from.length, key, standardDeviation);
  to.set(values);
}

const { fround, imul } = Math;

export function plainNoise(
  from: Float32Array,
  to: Float32Array,
  key: number,
  standardDeviation: number,
): void {
  const generators = generatorsOf(plainHash(from, key));
  const sigma = fround(standardDeviation);
  to.set(from);
  // Eight values at a time: four radii, four points.
  for (let start = 0; start < to.length; start += 8) {
    const radii = generators.map(next);
    generators.map(next).forEach((point, lane) => {
      const u = fround(((radii[lane] >>> 8) + 1) * 2 ** -24);
      const radius = fround(sigma * fround(Math.sqrt(fround(-2 * logarithm(u)))));
      const [one, other] = onCircle(point);
      const at = start + lane;
      if (at < to.length) to[at] += fround(radius * one);
      if (at + 4 < to.length) to[at + 4] += fround(radius * other);
    });
  }
}

/** The four generators' states. */
const generatorsOf = (hash: number): Int32Array[] =>
  [0, 1, 2, 3].map((lane) =>
    Int32Array.from({ length: 4 }, (_, i) =>
      finished(hash + imul(lane, 0x9e3779b9) + imul(i + 1, 0x7f4a7c15)),
    ),
  );

/** The generator's next 32 bits. */
function next(s: Int32Array): number {
  const drawn = (s[0] + s[3]) | 0;
  const t = s[1] << 9;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = turned(s[3], 11);
  return drawn;
}

const bits = new DataView(new ArrayBuffer(4));

/** ((c₀·x + c₁)·x + …), each step rounded. */
const polynomial = (x: number, [first, ...rest]: readonly number[]): number =>
  rest.reduce((sum, c) => fround(fround(sum * x) + c), first);

const singles = (...values: readonly number[]): readonly number[] => values.map(fround);

// x = 2^e · (1 + m), from √½ to √2: ln(1 + m) = m − m²/2 + m³·P(m), and ln 2 in two parts, e times the first of which is exact.
const LOGARITHM = singles(
  ...[7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1],
  ...[-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1],
);
const SMALL_PART = fround(-2.1219444e-4);
const LARGE_PART = 0.693359375;

export function logarithm(x: number): number {
  bits.setFloat32(0, x);
  const above = bits.getInt32(0) - 0x3f3504f3;
  const e = above >> 23;
  bits.setInt32(0, (above & 0x7fffff) + 0x3f3504f3);
  const m = fround(bits.getFloat32(0) - 1);
  const z = fround(m * m);
  let y = fround(fround(polynomial(m, LOGARITHM) * m) * z);
  y = fround(y + fround(e * SMALL_PART));
  y = fround(y - fround(0.5 * z));
  return fround(fround(m + y) + fround(e * LARGE_PART));
}

const QUARTER = fround(1.57079637);
// sin x = x + x³·P(x²) and cos x = 1 − x²/2 + x⁴·Q(x²) for x from −π/4 to π/4.
const SINE = singles(-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1);
const COSINE = singles(2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2);

/** A point of the unit circle by 22 bits of 32 within a quarter, and the first two for the quarter. */
export function onCircle(word: number): readonly [number, number] {
  const part = fround(((word >>> 8) & 0x3fffff) * 2 ** -22);
  const x = fround(fround(part - 0.5) * QUARTER);
  const z = fround(x * x);
  const sine = fround(fround(fround(polynomial(z, SINE) * z) * x) + x);
  const power = fround(fround(polynomial(z, COSINE) * z) * z);
  const cosine = fround(fround(power - fround(0.5 * z)) + 1);
  const isTurned = (word & 0x40000000) !== 0;
  const [one, other] = isTurned ? [sine, -cosine] : [cosine, sine];
  return word < 0 ? [-one, -other] : [one, other];
}
