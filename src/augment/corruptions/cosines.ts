/**
 * libjpeg's accurate cosine transforms of blocks [8, 8] in whole numbers (jfdctint.c and jidctint.c; Loeffler, Ligtenberg & Moschytz,
 * ICASSP 1989), to the last bit: 13 bits of the constants, 2 bits kept between the two passes.
 */
const f0_298 = 2446;
const f0_390 = 3196;
const f0_541 = 4433;
const f0_765 = 6270;
const f0_899 = 7373;
const f1_175 = 9633;
const f1_501 = 12299;
const f1_847 = 15137;
const f1_961 = 16069;
const f2_053 = 16819;
const f2_562 = 20995;
const f3_072 = 25172;

/** In place: pixels less 128 to frequencies, 8 times as large as of a transform that keeps lengths. */
export function forwardCosines(block: Int32Array): void {
  for (let row = 0; row < 64; row += 8) forwardLine(block, row, 1, 11, true);
  for (let column = 0; column < 8; column++) forwardLine(block, column, 8, 15, false);
}

function forwardLine(block: Int32Array, first: number, step: number, shift: number, isFirst: boolean): void {
  const [i1, i2, i3] = [first + step, first + 2 * step, first + 3 * step];
  const [i4, i5, i6] = [first + 4 * step, first + 5 * step, first + 6 * step];
  const i7 = first + 7 * step;
  const t0 = block[first] + block[i7];
  let t7 = block[first] - block[i7];
  const t1 = block[i1] + block[i6];
  let t6 = block[i1] - block[i6];
  const t2 = block[i2] + block[i5];
  let t5 = block[i2] - block[i5];
  const t3 = block[i3] + block[i4];
  let t4 = block[i3] - block[i4];
  const t10 = t0 + t3;
  const t13 = t0 - t3;
  const t11 = t1 + t2;
  const t12 = t1 - t2;
  block[first] = isFirst ? (t10 + t11) << 2 : (t10 + t11 + 2) >> 2;
  block[i4] = isFirst ? (t10 - t11) << 2 : (t10 - t11 + 2) >> 2;
  const half = 1 << (shift - 1);
  const z = (t12 + t13) * f0_541;
  block[i2] = (z + t13 * f0_765 + half) >> shift;
  block[i6] = (z - t12 * f1_847 + half) >> shift;
  const z1 = -(t4 + t7) * f0_899;
  const z2 = -(t5 + t6) * f2_562;
  const z5 = (t4 + t6 + t5 + t7) * f1_175;
  const z3 = z5 - (t4 + t6) * f1_961;
  const z4 = z5 - (t5 + t7) * f0_390;
  t4 *= f0_298;
  t5 *= f2_053;
  t6 *= f3_072;
  t7 *= f1_501;
  block[i7] = (t4 + z1 + z3 + half) >> shift;
  block[i5] = (t5 + z2 + z4 + half) >> shift;
  block[i3] = (t6 + z2 + z3 + half) >> shift;
  block[i1] = (t7 + z1 + z4 + half) >> shift;
}

/** In place: frequencies, as of a transform that keeps lengths, to pixels less 128. */
export function inverseCosines(block: Int32Array): void {
  for (let column = 0; column < 8; column++) inverseLine(block, column, 8, 11);
  for (let row = 0; row < 64; row += 8) inverseLine(block, row, 1, 18);
}

function inverseLine(block: Int32Array, first: number, step: number, shift: number): void {
  const [i1, i2, i3] = [first + step, first + 2 * step, first + 3 * step];
  const [i4, i5, i6] = [first + 4 * step, first + 5 * step, first + 6 * step];
  const i7 = first + 7 * step;
  const z = (block[i2] + block[i6]) * f0_541;
  const e2 = z - block[i6] * f1_847;
  const e3 = z + block[i2] * f0_765;
  const e0 = (block[first] + block[i4]) * 8192;
  const e1 = (block[first] - block[i4]) * 8192;
  const t10 = e0 + e3;
  const t13 = e0 - e3;
  const t11 = e1 + e2;
  const t12 = e1 - e2;
  const [a, b, c, d] = [block[i7], block[i5], block[i3], block[i1]];
  const z1 = -(a + d) * f0_899;
  const z2 = -(b + c) * f2_562;
  const z5 = (a + c + b + d) * f1_175;
  const z3 = z5 - (a + c) * f1_961;
  const z4 = z5 - (b + d) * f0_390;
  const o0 = a * f0_298 + z1 + z3;
  const o1 = b * f2_053 + z2 + z4;
  const o2 = c * f3_072 + z2 + z3;
  const o3 = d * f1_501 + z1 + z4;
  const half = 1 << (shift - 1);
  block[first] = (t10 + o3 + half) >> shift;
  block[i7] = (t10 - o3 + half) >> shift;
  block[i1] = (t11 + o2 + half) >> shift;
  block[i6] = (t11 - o2 + half) >> shift;
  block[i2] = (t12 + o1 + half) >> shift;
  block[i5] = (t12 - o1 + half) >> shift;
  block[i3] = (t13 + o0 + half) >> shift;
  block[i4] = (t13 - o0 + half) >> shift;
}
