import type { Random } from "../../tensor/index.ts";
import type { Corruption, ImageSize } from "./corruption.ts";
import { plasma } from "./plasma.ts";

/**
 * Ice on a pane. The original lays photographs of frost over images; these may not be passed on, so this ice is made: ridges, as crystals
 * have them, on a pale ground that is thicker here and thinner there. Its mean, spread and detail are those of the photographs, its
 * pictures others, so that results with frost do not compare with those of the original set.
 *
 * @param kept  weight of the image
 * @param ice   weight of the ice
 */
export const frost =
  (kept: number, ice: number): Corruption =>
  (image, out, size, rng) => {
    const area = size.height * size.width;
    const pane = paneOf(size, rng);
    const ground = size.channels === 1 ? [0.653] : [0.574, 0.656, 0.701];
    for (let i = 0; i < image.length; i++) {
      const frozen = Math.min(Math.max(ground[Math.floor(i / area)] + pane[i % area], 0), 1);
      out[i] = kept * image[i] + ice * frozen;
    }
  };

/** Lighter and darker than the ground, [H, W]. */
function paneOf({ height, width }: ImageSize, rng: Random): Float64Array {
  const side = Math.max(height, width);
  const light = 0.1 * rng.normal();
  const thickness = plasma(side, 1.6, rng);
  const crystals = plasma(side, 1.1, rng);
  return Float64Array.from({ length: height * width }, (_, i) => {
    const place = Math.floor(i / width) * thickness.side + (i % width);
    const ridge = 1 - Math.abs(2 * crystals.values[place] - 1);
    return light + 0.35 * (thickness.values[place] - 0.5) + 0.4 * (ridge - 0.75);
  });
}
