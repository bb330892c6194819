import { requireColour } from "./colour-channels.ts";
import { checkFactor } from "./factor.ts";
import { type Transform, type TransformFamily, family } from "./family.ts";
import { outputFor } from "./output.ts";
import type { SaturationOptions } from "./saturation.ts";

/**
 * HSV saturation times a factor, clipped to 1, with hue and value as they are: TensorFlow's
 * `tf.image.adjust_saturation`. The Python package `alignreg` 1.0 offers it without naming factors; the default ones
 * are ours. Images in [0, 1] must have three channels.
 */
export const packageSaturationTensorflow = ({
  factors = [0.5, 0.75, 1.5, 2],
}: SaturationOptions = {}): TransformFamily =>
  family("package-saturation-tensorflow", "saturation factor", factors.map(saturationBy));

function saturationBy(factor: number): Transform {
  checkFactor("package-saturation-tensorflow", factor, "0 or more");
  return {
    name: `package-saturation-tensorflow ${factor}`,
    parameters: { factor },
    apply(images, out) {
      requireColour("package-saturation-tensorflow", images);
      const { data } = images;
      const [n, , height, width] = images.shape;
      const adjusted = outputFor(images, out);
      const planeSize = height * width;
      for (let start = 0; start < n * 3 * planeSize; start += 3 * planeSize) {
        for (let r = start; r < start + planeSize; r++) {
          const g = r + planeSize;
          const b = g + planeSize;
          const value = Math.max(data[r], data[g], data[b]);
          const chroma = value - Math.min(data[r], data[g], data[b]);
          // Saturation is chroma / value. With value and hue fixed, each channel's distance from the value grows
          // as saturation does; at saturation 1 the least channel is 0.
          const growth = chroma === 0 ? 0 : Math.min(factor, value / chroma);
          adjusted[r] = value - growth * (value - data[r]);
          adjusted[g] = value - growth * (value - data[g]);
          adjusted[b] = value - growth * (value - data[b]);
        }
      }
      return adjusted;
    },
  };
}
