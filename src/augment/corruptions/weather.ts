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
    const brightest = image.reduce((most, value) => Math.max(most, value), 0);
    const map = plasma(Math.max(channels, height, width, least), decay, rng);
    const factor = brightest / (brightest + amount);
    for (let i = 0; i < image.length; i++) {
      const place = i % (height * width);
      const mist = map.values[Math.floor(place / width) * map.side + (place % width)];
      out[i] = (image[i] + amount * mist) * factor;
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
  const noise = Float64Array.from({ length: height * width }, () => mean + sigma * rng.normal());
  const larger = zoomed(noise, { height, width }, zoom);
  const bright = Float32Array.from(larger.plane, (value) =>
    value < threshold ? 0 : Math.min(Math.max(value, 0), 1),
  );
  const degrees = -135 + 90 * rng.uniform();
  const fallen = moved(bright, larger, { radius, sigma: motionSigma, degrees });
  return Float64Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    return y < larger.height && x < larger.width ? Math.round(255 * fallen[y * larger.width + x]) / 255 : 0;
  });
}
