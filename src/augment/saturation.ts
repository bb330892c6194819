import { blend } from "./blend.ts";
import { greyLevel, requireColour } from "./colour-channels.ts";
import { checkFactor } from "./factor.ts";
import { type Transform, type TransformFamily, family } from "./family.ts";
import { outputFor } from "./output.ts";

export interface SaturationOptions {
  /** Factors of the members, 0 or more, not 1: 0 gives grey, above 1 more colour. */
  readonly factors?: readonly number[];
}

/**
 * Blend of each pixel with its own grey level, clamped to [0, 1]: torchvision's `functional.adjust_saturation`.
 * Images must have three channels (torchvision returns those of one as they are). TensorFlow's definition is
 * another: see `packageSaturationTensorflow`.
 */
export const saturation = ({ factors = [0.5, 0.75, 1.5, 2] }: SaturationOptions = {}): TransformFamily =>
  family("saturation", "saturation factor", factors.map(saturationBy));

function saturationBy(factor: number): Transform {
  checkFactor("saturation", factor, "0 or more");
  return {
    name: `saturation ${factor}`,
    parameters: { factor },
    apply(images, out) {
      requireColour("saturation", images);
      const { data } = images;
      const [n, , height, width] = images.shape;
      const adjusted = outputFor(images, out);
      const planeSize = height * width;
      for (let start = 0; start < n * 3 * planeSize; start += 3 * planeSize) {
        for (let r = start; r < start + planeSize; r++) {
          const g = r + planeSize;
          const b = g + planeSize;
          const grey = greyLevel(data[r], data[g], data[b]);
          adjusted[r] = blend(data[r], grey, factor);
          adjusted[g] = blend(data[g], grey, factor);
          adjusted[b] = blend(data[b], grey, factor);
        }
      }
      return adjusted;
    },
  };
}
