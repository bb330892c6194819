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
  const at = (y: number, x: number) => (y & (side - 1)) * side + (x & (side - 1));
  // The noise's width goes with the square of the strength, as in the code that made the benchmark's images.
  const draws = new Float64Array(side * side - 1);
  rng.uniforms(draws);
  let next = 0;
  for (let step = side, strength = 100; step >= 2; step /= 2, strength /= decay) {
    const half = step / 2;
    const width = strength * strength;
    const noise = () => width * (2 * draws[next++] - 1);
    const mean = (a: number, b: number, c: number, d: number) =>
      (values[a] + values[b] + values[c] + values[d]) / 4 + noise();
    for (let y = 0; y < side; y += step)
      for (let x = 0; x < side; x += step)
        values[at(y + half, x + half)] = mean(
          at(y, x),
          at(y + step, x),
          at(y, x + step),
          at(y + step, x + step),
        );
    for (let y = 0; y < side; y += step) {
      for (let x = 0; x < side; x += step) {
        const above = at(y, x + half);
        values[above] = mean(at(y - half, x + half), at(y + half, x + half), at(y, x), at(y, x + step));
        const left = at(y + half, x);
        values[left] = mean(at(y + half, x - half), at(y + half, x + half), at(y, x), at(y + step, x));
      }
    }
  }
  let [lowest, most] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    lowest = Math.min(lowest, values[i]);
    most = Math.max(most, values[i]);
  }
  const range = most - lowest;
  for (let i = 0; i < values.length; i++) values[i] = (values[i] - lowest) / range;
  return { values, side };
}
