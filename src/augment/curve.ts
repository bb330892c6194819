import { simdCurve } from "./values-simd.ts";

/** A change of each value by a curve, which is slow to compute: bytes, as images mostly are, by a table of 256. */
export type Curve = (value: number) => number;

/** @param curve  of values from 0 to 1; others are clipped to that first */
export function curved(curve: Curve): (from: Float32Array, to: Float32Array) => void {
  const bytes = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);
  const table = Float32Array.from(bytes, curve);
  const plain = (from: Float32Array, to: Float32Array) => {
    for (let i = 0; i < from.length; i++) {
      const value = from[i];
      const byte = (value * 255 + 0.5) | 0;
      to[i] = bytes[byte] === value ? table[byte] : curve(Math.min(Math.max(value, 0), 1));
    }
  };
  return (from, to) => {
    if (!simdCurve(from, to, table, plain)) plain(from, to);
  };
}
