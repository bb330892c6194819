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
    for (let c = 0, i = 0; c < size.channels; c++) {
      for (let place = 0; place < area; place++, i++) {
        const frozen = Math.min(Math.max(ground[c] + pane[place], 0), 1);
        out[i] = kept * image[i] + ice * frozen;
      }
    }
  };

/** Lighter and darker than the ground, [H, W]. */
function paneOf({ height, width }: ImageSize, rng: Random): Float64Array {
  const side = Math.max(height, width);
  const light = 0.1 * rng.normal();
  const thickness = plasma(side, 1.6, rng);
  const crystals = plasma(side, 1.1, rng);
  const pane = new Float64Array(height * width);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const place = y * thickness.side + x;
      const ridge = 1 - Math.abs(2 * crystals.values[place] - 1);
      pane[i] = light + 0.35 * (thickness.values[place] - 0.5) + 0.4 * (ridge - 0.75);
    }
  }
  return pane;
}
