import type { Random } from "../../tensor/index.ts";

/**
 * A random map by diamonds and squares (Fournier, Fussell & Carpenter, 1982) on a torus: values from 0 to 1, whose detail is
 * 1/decay as strong at half the distance.
 *
 * @param least  of its side, which is the next power of two
 */
export function plasma(
  least: number,
  decay: number,
  rng: Random,
): { readonly values: Float64Array; readonly side: number } {
  const side = 2 ** Math.ceil(Math.log2(Math.max(2, least)));
  const values = new Float64Array(side * side);
  const mask = side - 1;
  // The noise's width goes with the square of the strength, as in the code that made the benchmark's images.
  const draws = new Float64Array(side * side - 1);
  rng.uniforms(draws);
  let next = 0;
  for (let step = side, strength = 100; step >= 2; step /= 2, strength /= decay) {
    const half = step / 2;
    const width = strength * strength;
    for (let y = 0; y < side; y += step) {
      const [row, middle, below] = [y * side, (y + half) * side, ((y + step) & mask) * side];
      for (let x = 0; x < side; x += step) {
        const right = (x + step) & mask;
        const corners = values[row + x] + values[below + x] + values[row + right] + values[below + right];
        values[middle + x + half] = corners / 4 + width * (2 * draws[next++] - 1);
      }
    }
    for (let y = 0; y < side; y += step) {
      const [row, middle, below] = [y * side, (y + half) * side, ((y + step) & mask) * side];
      const above = ((y - half) & mask) * side;
      for (let x = 0; x < side; x += step) {
        const [centre, right, left] = [x + half, (x + step) & mask, (x - half) & mask];
        const round =
          values[above + centre] + values[middle + centre] + values[row + x] + values[row + right];
        values[row + centre] = round / 4 + width * (2 * draws[next++] - 1);
        const beside = values[middle + left] + values[middle + centre] + values[row + x] + values[below + x];
        values[middle + x] = beside / 4 + width * (2 * draws[next++] - 1);
      }
    }
  }
  let [lowest, most] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < lowest) lowest = values[i];
    if (values[i] > most) most = values[i];
  }
  const range = most - lowest;
  for (let i = 0; i < values.length; i++) values[i] = (values[i] - lowest) / range;
  return { values, side };
}
