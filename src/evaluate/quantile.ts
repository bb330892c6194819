/**
 * The quantile of sorted values, interpolated linearly between order statistics (NumPy's default, Hyndman–Fan 7).
 *
 * @param sorted       ascending, at least one
 * @param probability  in [0, 1]
 */
export function quantile(sorted: Float64Array, probability: number): number {
  const position = probability * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}
