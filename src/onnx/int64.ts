/**
 * A number as an int64: cut to an integer, and held in the range. Exporters write the largest int64 for "to the
 * end"; as a number it rounds up to 2⁶³, which would wrap round to the smallest.
 */
export function int64Of(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= 2 ** 63) return 2n ** 63n - 1n;
  return value <= -(2 ** 63) ? -(2n ** 63n) : BigInt(Math.trunc(value));
}
