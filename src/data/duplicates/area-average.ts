/**
 * A plane [height, width] at side × side places: the average over the area that a place covers, and between pixels where
 * that is less than one.
 */
export function areaAverage(plane: Float32Array, height: number, width: number, side: number): Float32Array {
  const rows = tapsOf(height, side);
  const columns = height === width ? rows : tapsOf(width, side);
  const narrow = new Float32Array(height * side);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < side; x++) {
      const { first, weights } = columns[x];
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap++) sum += weights[tap] * plane[y * width + first + tap];
      narrow[y * side + x] = sum;
    }
  }
  const result = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    const { first, weights } = rows[y];
    for (let tap = 0; tap < weights.length; tap++) {
      for (let x = 0; x < side; x++) result[y * side + x] += weights[tap] * narrow[(first + tap) * side + x];
    }
  }
  return result;
}

interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/** A window as wide as the step between places, and at least one pixel; its part within the plane. */
function tapsOf(length: number, places: number): Taps[] {
  const step = length / places;
  return Array.from({ length: places }, (_, place) => {
    const centre = (place + 0.5) * step;
    const half = Math.max(step, 1) / 2;
    const [start, end] = [Math.max(centre - half, 0), Math.min(centre + half, length)];
    const first = Math.floor(start);
    const shares: number[] = [];
    for (let i = first; i < end; i++)
      shares.push((Math.min(i + 1, end) - Math.max(i, start)) / (end - start));
    return { first, weights: shares };
  });
}
