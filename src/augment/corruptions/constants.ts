/**
 * The corruptions of Hendrycks & Dietterich (Benchmarking Neural Network Robustness to Common Corruptions and Perturbations, ICLR 2019)
 * at severities 1 to 5, with the constants of their two sets.
 */
import { defocusBlur, gaussianBlur, zoomBlur } from "./blurs.ts";
import { brighter, lessContrast, saturated } from "./colours.ts";
import type { Corruption } from "./corruption.ts";
import { elastic } from "./elastic.ts";
import { frost } from "./frost.ts";
import { glassBlur } from "./glass-blur.ts";
import { jpeg } from "./jpeg.ts";
import { motionBlur } from "./motion-blur.ts";
import { gaussianNoise, impulseNoise, shotNoise, speckleNoise } from "./noises.ts";
import { pixelate } from "./pixelate.ts";
import { mudSpatter, water } from "./spatter.ts";
import { fog, snow } from "./weather.ts";

/** Those of the benchmark, in its order. */
export const benchmark = [
  ...(["gaussian_noise", "shot_noise", "impulse_noise"] as const),
  ...(["defocus_blur", "glass_blur", "motion_blur", "zoom_blur"] as const),
  ...(["snow", "frost", "fog", "brightness"] as const),
  ...(["contrast", "elastic_transform", "pixelate", "jpeg_compression"] as const),
] as const;

/** Those that the authors keep to choose hyperparameters on. */
export const extra = ["speckle_noise", "gaussian_blur", "spatter", "saturate"] as const;

export type CorruptionName = (typeof benchmark)[number] | (typeof extra)[number];
export type CorruptionSet = Readonly<Record<CorruptionName, readonly Corruption[]>>;

/** ImageNet-C's, made for images of 224 pixels. */
export const imagenet: CorruptionSet = {
  gaussian_noise: each(gaussianNoise, [0.08], [0.12], [0.18], [0.26], [0.38]),
  shot_noise: each(shotNoise, [60], [25], [12], [5], [3]),
  impulse_noise: each(impulseNoise, [0.03], [0.06], [0.09], [0.17], [0.27]),
  defocus_blur: each(defocusBlur, [3, 0.1], [4, 0.5], [6, 0.5], [8, 0.5], [10, 0.5]),
  glass_blur: each(glassBlur, [0.7, 1, 2], [0.9, 2, 1], [1, 2, 3], [1.1, 3, 2], [1.5, 4, 2]),
  motion_blur: each(motionBlur, [10, 3], [15, 5], [15, 8], [15, 12], [20, 15]),
  zoom_blur: each(zoomTo, [1.11, 0.01], [1.16, 0.01], [1.21, 0.02], [1.26, 0.02], [1.31, 0.03]),
  snow: each(
    flakes,
    [0.1, 0.3, 3, 0.5, 10, 4, 0.8],
    [0.2, 0.3, 2, 0.5, 12, 4, 0.7],
    [0.55, 0.3, 4, 0.9, 12, 8, 0.7],
    [0.55, 0.3, 4.5, 0.85, 12, 8, 0.65],
    [0.55, 0.3, 2.5, 0.85, 12, 12, 0.55],
  ),
  frost: each(frost, [1, 0.4], [0.8, 0.6], [0.7, 0.7], [0.65, 0.7], [0.6, 0.75]),
  fog: each(fog, [1.5, 2], [2, 2], [2.5, 1.7], [2.5, 1.5], [3, 1.4]),
  brightness: each(brighter, [0.1], [0.2], [0.3], [0.4], [0.5]),
  contrast: each(lessContrast, [0.4], [0.3], [0.2], [0.1], [0.05]),
  // Displacements of 250 times 0.5 % of the height, times these.
  elastic_transform: each(stretch, [0.05], [0.065], [0.085], [0.1], [0.12]),
  pixelate: each(coarsen, [0.6], [0.5], [0.4], [0.3], [0.25]),
  jpeg_compression: each(jpeg, [25], [18], [15], [10], [7]),
  speckle_noise: each(speckleNoise, [0.15], [0.2], [0.35], [0.45], [0.6]),
  gaussian_blur: each(gaussianBlur, [1], [2], [3], [4], [6]),
  spatter: [
    ...each(drops, [0.65, 0.3, 4, 0.69, 0.6], [0.65, 0.3, 3, 0.68, 0.6], [0.65, 0.3, 2, 0.68, 0.5]),
    ...each(dirt, [0.65, 0.3, 1, 0.65, 1.5], [0.67, 0.4, 1, 0.65, 1.5]),
  ],
  saturate: each(saturated, [0.3, 0], [0.1, 0], [2, 0], [5, 0.1], [20, 0.2]),
};

/** CIFAR-10-C's, made for images of 32 pixels. */
export const cifar: CorruptionSet = {
  gaussian_noise: each(gaussianNoise, [0.04], [0.06], [0.08], [0.09], [0.1]),
  shot_noise: each(shotNoise, [500], [250], [100], [75], [50]),
  impulse_noise: each(impulseNoise, [0.01], [0.02], [0.03], [0.05], [0.07]),
  defocus_blur: each(defocusBlur, [0.3, 0.4], [0.4, 0.5], [0.5, 0.6], [1, 0.2], [1.5, 0.1]),
  glass_blur: each(glassBlur, [0.05, 1, 1], [0.25, 1, 1], [0.4, 1, 1], [0.25, 1, 2], [0.4, 1, 2]),
  motion_blur: each(motionBlur, [6, 1], [6, 1.5], [6, 2], [8, 2], [9, 2.5]),
  zoom_blur: each(
    zoomTo,
    ...[1.06, 1.11, 1.16, 1.21, 1.26].map((end): [number, number, boolean] => [end, 0.01, true]),
  ),
  snow: each(
    flakes,
    [0.1, 0.2, 1, 0.6, 8, 3, 0.95],
    [0.1, 0.2, 1, 0.5, 10, 4, 0.9],
    [0.15, 0.3, 1.75, 0.55, 10, 4, 0.9],
    [0.25, 0.3, 2.25, 0.6, 12, 6, 0.85],
    [0.3, 0.3, 1.25, 0.65, 14, 12, 0.8],
  ),
  frost: each(frost, [1, 0.2], [1, 0.3], [0.9, 0.4], [0.85, 0.4], [0.75, 0.45]),
  fog: each(fog, [0.2, 3], [0.5, 3], [0.75, 2.5], [1, 2], [1.5, 1.75]),
  brightness: each(brighter, [0.05], [0.1], [0.15], [0.2], [0.3]),
  contrast: each(lessContrast, [0.75], [0.5], [0.4], [0.3], [0.15]),
  elastic_transform: each(
    elastic,
    [0, 0, 0.08],
    [0.05, 0.2, 0.07],
    [0.08, 0.06, 0.06],
    [0.1, 0.04, 0.05],
    [0.1, 0.03, 0.03],
  ),
  pixelate: each(coarsenSmoothly, [0.95], [0.9], [0.85], [0.75], [0.65]),
  jpeg_compression: each(jpeg, [80], [65], [58], [50], [40]),
  speckle_noise: each(speckleNoise, [0.06], [0.1], [0.12], [0.16], [0.2]),
  gaussian_blur: each(gaussianBlur, [0.4], [0.6], [0.7], [0.8], [1]),
  spatter: [
    ...each(drops, [0.62, 0.1, 0.7, 0.7, 0.5], [0.65, 0.1, 0.8, 0.7, 0.5], [0.65, 0.3, 1, 0.69, 0.5]),
    ...each(dirt, [0.65, 0.1, 0.7, 0.69, 0.6], [0.65, 0.1, 0.5, 0.68, 0.6]),
  ],
  saturate: each(saturated, [0.3, 0], [0.1, 0], [1.5, 0], [2, 0.1], [2.5, 0.2]),
};

function each<Settings extends readonly unknown[]>(
  make: (...settings: Settings) => Corruption,
  ...bySeverity: readonly Settings[]
): readonly Corruption[] {
  return bySeverity.map((settings) => make(...settings));
}

/** Factors from 1 up to an end that is not among them, as NumPy's `arange` counts. */
function zoomTo(end: number, step: number, isCentred = false): Corruption {
  const count = Math.ceil((end - 1) / step);
  return zoomBlur(
    Array.from({ length: count }, (_, i) => 1 + i * step),
    isCentred,
  );
}

function stretch(share: number): Corruption {
  return elastic(250 * 0.005 * share, 0.01);
}

function coarsen(share: number): Corruption {
  return pixelate(share, "nearest");
}

function coarsenSmoothly(share: number): Corruption {
  return pixelate(share, "box");
}

function flakes(...settings: Numbers<7>): Corruption {
  const [mean, sigma, zoom, threshold, radius, motionSigma, kept] = settings;
  return snow({ mean, sigma, zoom, threshold, radius, motionSigma, kept });
}

function drops(...[mean, sigma, smoothing, threshold, strength]: Numbers<5>): Corruption {
  return water({ mean, sigma, smoothing, threshold }, strength);
}

function dirt(...[mean, sigma, smoothing, threshold, blur]: Numbers<5>): Corruption {
  return mudSpatter({ mean, sigma, smoothing, threshold }, blur);
}

/** So many numbers. */
type Numbers<Count extends number, Made extends number[] = []> = Made["length"] extends Count
  ? Made
  : Numbers<Count, [...Made, number]>;
