/** What splashes onto a lens: water, or mud. */
import type { Random } from "../../tensor/index.ts";
import type { Corruption, ImageSize } from "./corruption.ts";
import { cannyEdges, distances } from "./edges.ts";
import { correlated, gaussianFilter } from "./filters.ts";

export interface SpatterSettings {
  /** Of the noise that drops are made of. */
  readonly mean: number;
  readonly sigma: number;
  /** Of the Gaussian that joins the noise to drops. */
  readonly smoothing: number;
  /** What is fainter is no drop. */
  readonly threshold: number;
}

const paleTurquoise = [175, 238, 238].map((value) => value / 255);
const mud = [63, 42, 20];
const grey = (colour: readonly number[]): number =>
  0.2989 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2];

/** @param strength  of the light that drops add */
export const water =
  (settings: SpatterSettings, strength: number): Corruption =>
  (image, out, size, rng) => {
    const area = size.height * size.width;
    const drops = dropsOf(settings, size, rng).map((value) =>
      value < settings.threshold ? 0 : Math.floor(Math.min(value, 1) * 255),
    );
    const relief = reliefOf(drops, size);
    const light = drops.map((value, i) => value * relief[i]);
    const most = light.reduce((high, value) => Math.max(high, value), 0);
    for (let i = 0; i < image.length; i++) {
      const share = most === 0 ? 0 : (strength * light[i % area]) / most;
      const colour = size.channels === 1 ? grey(paleTurquoise) : paleTurquoise[Math.floor(i / area)];
      out[i] = image[i] + Math.min(share * colour, 1);
    }
  };

/**
 * @param blur    standard deviation of the Gaussian that softens the drops
 * @param colour  red, green and blue of them, bytes
 */
export const mudSpatter =
  (settings: SpatterSettings, blur: number, colour: readonly number[] = mud): Corruption =>
  (image, out, size, rng) => {
    const shares = colour.map((value) => value / 255);
    const level = colour.every((value) => value === colour[0]) ? shares[0] : grey(shares);
    const area = size.height * size.width;
    const drops = dropsOf(settings, size, rng).map((value) => (value > settings.threshold ? 1 : 0));
    const cover = gaussianFilter(drops, size, [blur, blur], "nearest").map((value) =>
      value < 0.8 ? 0 : value,
    );
    for (let i = 0; i < image.length; i++) {
      const share = cover[i % area];
      const value = size.channels === 1 ? level : shares[Math.floor(i / area)];
      out[i] = image[i] * (1 - share) + share * value;
    }
  };

function dropsOf({ mean, sigma, smoothing }: SpatterSettings, size: ImageSize, rng: Random): Float32Array {
  const noise = new Float64Array(size.height * size.width);
  rng.normals(noise, sigma);
  const level = new Float32Array(noise.length);
  for (let i = 0; i < noise.length; i++) level[i] = mean + noise[i];
  return gaussianFilter(level, size, [smoothing, smoothing], "nearest");
}

/** Light and shade on drops, bytes: an emboss of the distance from their edges. */
function reliefOf(drops: Float32Array, size: ImageSize): Float32Array {
  const far = distances(cannyEdges(drops, size, [50, 150]), size, 20);
  const smooth = correlated(far, size, box, "mirror").map(Math.floor);
  const embossed = correlated(equalized(smooth), size, emboss, "mirror").map(toByte);
  return correlated(embossed, size, box, "mirror").map(toByte);
}

const box = new Float64Array(9).fill(1 / 9);
const emboss = Float64Array.of(-2, -1, 0, -1, 1, 1, 0, 1, 2);
const toByte = (value: number): number => Math.min(Math.max(Math.round(value), 0), 255);

/** Bytes whose values are spread so that as many lie in each part of 0 … 255. */
function equalized(bytes: Float32Array): Float32Array {
  const counts = new Float64Array(256);
  bytes.forEach((value) => counts[value]++);
  const first = counts.findIndex((count) => count > 0);
  const others = bytes.length - counts[first];
  if (others === 0) return bytes;
  let below = -counts[first];
  const spread = counts.map((count) => toByte((255 / others) * Math.max((below += count), 0)));
  return bytes.map((value) => spread[value]);
}
