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
