/** Noise of four kinds, independent from pixel to pixel and channel to channel. */
import type { Random } from "../../tensor/index.ts";
import type { Corruption } from "./corruption.ts";

/** @param sigma  standard deviation, in pixel values of [0, 1] */
export const gaussianNoise =
  (sigma: number): Corruption =>
  (image, out, _, rng) => {
    inBlocks(image.length, (start, noise) => {
      rng.normals(noise, sigma);
      for (let i = 0; i < noise.length; i++) out[start + i] = image[start + i] + noise[i];
    });
  };

/** Noise in proportion to the pixel: coherent light, ultrasound. */
export const speckleNoise =
  (sigma: number): Corruption =>
  (image, out, _, rng) => {
    inBlocks(image.length, (start, noise) => {
      rng.normals(noise, sigma);
      for (let i = 0; i < noise.length; i++) out[start + i] = image[start + i] * (1 + noise[i]);
    });
  };

/** Light counted in quanta. @param rate  quanta of a white pixel */
export const shotNoise =
  (rate: number): Corruption =>
  (image, out, _, rng) => {
    for (let i = 0; i < image.length; i++) out[i] = poisson(image[i] * rate, rng) / rate;
  };

/** Salt and pepper. @param share  of the values, half of them 1 and half 0 */
export const impulseNoise =
  (share: number): Corruption =>
  (image, out, _, rng) => {
    inBlocks(image.length, (start, draws) => {
      rng.uniforms(draws);
      for (let i = 0; i < draws.length; i++) {
        const value = draws[i] < share / 2 ? 1 : 0;
        out[start + i] = draws[i] < share ? value : image[start + i];
      }
    });
  };

/** Room for so many numbers, a part at a time. */
function inBlocks(length: number, use: (start: number, block: Float64Array) => void): void {
  const block = new Float64Array(Math.min(length, 1024));
  for (let start = 0; start < length; start += block.length)
    use(start, block.subarray(0, Math.min(block.length, length - start)));
}

/** By inversion: the sums of probabilities up to a uniform number. In double precision for means of some hundred. */
function poisson(mean: number, rng: Random): number {
  if (!(mean > 0)) return 0;
  const draw = rng.uniform();
  // Beyond it no probability is left that a sum could tell from 1.
  const most = mean + 20 * Math.sqrt(mean) + 20;
  let count = 0;
  for (let p = Math.exp(-mean), sum = p; sum < draw && count < most; sum += p) p *= mean / ++count;
  return count;
}
