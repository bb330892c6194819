import { type PlaneSize, passOf } from "../filter-pass.ts";
import { filtered } from "../plane-filter.ts";
import type { Corruption } from "./corruption.ts";

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
    moved(image, size, { radius, sigma, degrees }, out);
  };

interface Motion {
  readonly radius: number;
  readonly sigma: number;
  readonly degrees: number;
}

/**
 * Planes [count, H, W] and their copies moved by whole pixels along a line, weighted; those that would leave them whole are left out,
 * and the border pixel stands for what comes from outside.
 */
export function moved(
  planes: Float32Array,
  size: PlaneSize,
  { radius, sigma, degrees }: Motion,
  out?: Float32Array,
): Float32Array {
  const count = 2 * radius + 1;
  const weights = Float64Array.from({ length: count }, (_, i) => Math.exp(-(i * i) / (2 * sigma * sigma)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const [down, right] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const taps: (readonly [number, number, number])[] = [];
  for (let i = 0; i < count; i++) {
    // Half pixels go towards zero's other side, as −⌈x − 0.5⌉ has them.
    const [dy, dx] = [down, right].map((part) => -Math.ceil(i * part - 0.5));
    if (Math.abs(dy) >= size.height || Math.abs(dx) >= size.width) break;
    taps.push([-dy, -dx, weights[i] / total]);
  }
  return filtered(planes, size, [passOf(size, "nearest", taps)], out);
}
