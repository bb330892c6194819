import type { Random } from "../../tensor/index.ts";

/** Of one image, [channels, height, width]. */
export interface ImageSize {
  /** 1 or 3. */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Spoils one image. */
export interface Corruption {
  /**
   * Pixels [C, H, W] in [0, 1] to `out`, which may leave [0, 1] and is clipped by who asked.
   *
   * @param rng  the image's own
   */
  (image: Float32Array, out: Float32Array, size: ImageSize, rng: Random): void;
  /** What it makes is within [0, 1]: there is nothing to clip. */
  readonly isWithinRange?: true;
}

/** A corruption whose pixels are within [0, 1], whatever numbers it is given. */
export const withinRange = (corruption: Corruption): Corruption =>
  Object.assign(corruption, { isWithinRange: true as const });

/** A part of an image, [H, W], for each channel. */
export function eachPlane(
  image: Float32Array,
  { channels, height, width }: ImageSize,
  use: (plane: Float32Array, channel: number) => void,
): void {
  const area = height * width;
  for (let c = 0; c < channels; c++) use(image.subarray(c * area, (c + 1) * area), c);
}
