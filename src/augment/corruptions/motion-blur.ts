import { type Corruption, eachPlane } from "./corruption.ts";

/**
 * A camera that moves while the shutter is open, in a direction within 45° of the horizontal.
 *
 * @param radius  half of the pixels that it moves
 * @param sigma   of the half Gaussian that weighs them
 */
export const motionBlur =
  (radius: number, sigma: number): Corruption =>
  (image, out, size, rng) => {
    const degrees = 90 * rng.uniform() - 45;
    eachPlane(image, size, (plane, c) =>
      out.set(moved(plane, size, { radius, sigma, degrees }), c * plane.length),
    );
  };

interface Motion {
  readonly radius: number;
  readonly sigma: number;
  readonly degrees: number;
}

/**
 * A plane [H, W] and its copies moved by whole pixels along a line, weighted; those that would leave it whole are left out, and the
 * border pixel stands for what comes from outside.
 */
export function moved(
  plane: ArrayLike<number>,
  { height, width }: { readonly height: number; readonly width: number },
  { radius, sigma, degrees }: Motion,
): Float32Array {
  const count = 2 * radius + 1;
  const weights = Float64Array.from({ length: count }, (_, i) => Math.exp(-(i * i) / (2 * sigma * sigma)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const [down, right] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const result = new Float64Array(height * width);
  for (let i = 0; i < count; i++) {
    // Half pixels go towards zero's other side, as −⌈x − 0.5⌉ has them.
    const [dy, dx] = [down, right].map((part) => -Math.ceil(i * part - 0.5));
    if (Math.abs(dy) >= height || Math.abs(dx) >= width) break;
    const weight = weights[i] / total;
    for (let y = 0, to = 0; y < height; y++) {
      const row = width * Math.min(Math.max(y - dy, 0), height - 1);
      for (let x = 0; x < width; x++, to++)
        result[to] += weight * plane[row + Math.min(Math.max(x - dx, 0), width - 1)];
    }
  }
  return Float32Array.from(result);
}
