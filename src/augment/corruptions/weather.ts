/** Fog and snow. */
import type { Random } from "../../tensor/index.ts";
import type { Corruption } from "./corruption.ts";
import { moved } from "./motion-blur.ts";
import { plasma } from "./plasma.ts";
import { zoomed } from "./zoomed.ts";

/**
 * @param amount  of fog, in pixel values of [0, 1]
 * @param decay   of its detail: the larger, the smoother
 * @param least   side of the bank of fog, of which the upper left is seen
 */
export const fog =
  (amount: number, decay: number, least = 1): Corruption =>
  (image, out, { channels, height, width }, rng) => {
    let brightest = 0;
    for (let i = 0; i < image.length; i++) if (image[i] > brightest) brightest = image[i];
    const map = plasma(Math.max(channels, height, width, least), decay, rng);
    const factor = brightest / (brightest + amount);
    const { values, side } = map;
    for (let i = 0, line = 0; i < image.length; line++) {
      let at = (line % height) * side;
      for (const end = i + width; i < end; i++, at++) out[i] = (image[i] + amount * values[at]) * factor;
    }
  };

export interface SnowSettings {
  /** Of the noise that flakes are made of. */
  readonly mean: number;
  readonly sigma: number;
  /** Times that flakes are enlarged. */
  readonly zoom: number;
  /** What is fainter is no flake. */
  readonly threshold: number;
  /** How flakes move: {@link moved}. */
  readonly radius: number;
  readonly motionSigma: number;
  /** Of the picture that is left as it is; the rest is whitened. */
  readonly kept: number;
}

export const snow =
  (settings: SnowSettings): Corruption =>
  (image, out, size, rng) => {
    const { channels, height, width } = size;
    const { kept } = settings;
    const area = height * width;
    const flakes = snowfall(settings, height, width, rng);
    const grey = (i: number) =>
      channels === 1 ? image[i] : 0.299 * image[i] + 0.587 * image[area + i] + 0.114 * image[2 * area + i];
    for (let i = 0; i < area; i++) {
      const white = 1.5 * grey(i) + 0.5;
      // The same flakes once more, half a turn around.
      const fallen = flakes[i] + flakes[area - 1 - i];
      for (let at = i; at < image.length; at += area)
        out[at] = kept * image[at] + (1 - kept) * Math.max(image[at], white) + fallen;
    }
  };

function snowfall(
  { mean, sigma, zoom, threshold, radius, motionSigma }: SnowSettings,
  height: number,
  width: number,
  rng: Random,
): Float64Array {
  const noise = new Float64Array(height * width);
  rng.normals(noise, sigma);
  for (let i = 0; i < noise.length; i++) noise[i] += mean;
  const larger = zoomed(noise, { height, width }, zoom);
  const bright = new Float32Array(larger.plane.length);
  for (let i = 0; i < bright.length; i++) {
    const value = larger.plane[i];
    bright[i] = value < threshold ? 0 : Math.min(Math.max(value, 0), 1);
  }
  const degrees = -135 + 90 * rng.uniform();
  const fallen = moved(bright, larger, { radius, sigma: motionSigma, degrees });
  const flakes = new Float64Array(height * width);
  for (let y = 0; y < Math.min(height, larger.height); y++)
    for (let x = 0; x < Math.min(width, larger.width); x++)
      flakes[y * width + x] = Math.round(255 * fallen[y * larger.width + x]) / 255;
  return flakes;
}
