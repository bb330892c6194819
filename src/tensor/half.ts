/** IEEE half precision: a sign, five bits of exponent, ten of fraction. */
import { type TensorOf, float32 } from "./tensor.ts";

/** The number that raw bits stand for. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The same numbers in float32, which holds all of them. */
export function widened({ shape, data }: TensorOf<"float16">): TensorOf<"float32"> {
  const result = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) result[i] = halfToNumber(data[i]);
  return float32(shape, result);
}

const bitsOf = new Uint32Array(1);
const numberOf = new Float32Array(bitsOf.buffer);

/** The raw bits of the half nearest to a number, the even one of two that are as near; ±∞ from 65520 on. */
export function numberToHalf(value: number): number {
  numberOf[0] = value;
  const bits = bitsOf[0];
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00;
  if (magnitude >= 0x477f_f000) return sign | 0x7c00;
  // Below 2⁻¹⁴ halves are whole multiples of 2⁻²⁴, which adding 2⁻¹ rounds to.
  if (magnitude < 0x3880_0000) {
    bitsOf[0] = magnitude;
    numberOf[0] += 0.5;
    return sign | (bitsOf[0] - 0x3f00_0000);
  }
  const isOdd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x3800_0000 + 0xfff + isOdd) >>> 13);
}

/** The nearest halves. */
export function narrowed({ shape, data }: TensorOf<"float32">): TensorOf<"float16"> {
  const result = new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) result[i] = numberToHalf(data[i]);
  return { dtype: "float16", shape, data: result };
}
