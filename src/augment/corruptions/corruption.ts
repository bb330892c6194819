import type { Random } from "../../tensor/index.ts";

/** Of one image, [channels, height, width]. */
export interface ImageSize {
  /** 1 or 3. */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Spoils one image: pixels [C, H, W] in [0, 1] to `out`, which may leave [0, 1] and is clipped by who asked.
 *
 * @param rng  the image's own
 */
export type Corruption = (image: Float32Array, out: Float32Array, size: ImageSize, rng: Random) => void;

/** A part of an image, [H, W], for each channel. */
export function eachPlane(
  image: Float32Array,
  { channels, height, width }: ImageSize,
  use: (plane: Float32Array, channel: number) => void,
): void {
  const area = height * width;
  for (let c = 0; c < channels; c++) use(image.subarray(c * area, (c + 1) * area), c);
}
