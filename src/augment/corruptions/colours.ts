/** Brightness and saturation by HSV, contrast about each channel's mean. */
import { UsageError } from "../../tensor/index.ts";
import { linear } from "../values-simd.ts";
import { type Corruption, eachPlane } from "./corruption.ts";

/** @param factor  of each channel's differences from its own mean */
export const lessContrast =
  (factor: number): Corruption =>
  (image, out, size) => {
    const area = size.height * size.width;
    eachPlane(image, size, (plane, c) => {
      let sum = 0;
      for (let i = 0; i < area; i++) sum += plane[i];
      const mean = sum / area;
      const result = out.subarray(c * area, (c + 1) * area);
      linear(plane, result, factor, mean - factor * mean);
    });
  };

/** @param added  to HSV's value; to the pixel where an image is grey */
export const brighter =
  (added: number): Corruption =>
  (image, out, { channels, height, width }) => {
    const clipped = (value: number) => Math.min(value + added, 1);
    if (channels === 1) {
      for (let i = 0; i < image.length; i++) out[i] = clipped(image[i]);
      return;
    }
    eachPixel(image, height * width, (r, g, b) => {
      const value = Math.max(image[r], image[g], image[b]);
      // Hue and saturation stay: the channels keep their proportions. Black has neither, and becomes grey.
      const factor = value === 0 ? 0 : clipped(value) / value;
      const least = value === 0 ? clipped(0) : 0;
      out[r] = least + image[r] * factor;
      out[g] = least + image[g] * factor;
      out[b] = least + image[b] * factor;
    });
  };

/** HSV's saturation · factor + added. @throws UsageError for images of one channel */
export const saturated =
  (factor: number, added: number): Corruption =>
  (image, out, { channels, height, width }) => {
    if (channels === 1) {
      throw new UsageError(`"saturate" takes images of 3 channels: of grey it would leave all as it is.`);
    }
    eachPixel(image, height * width, (r, g, b) => {
      const value = Math.max(image[r], image[g], image[b]);
      const chroma = value - Math.min(image[r], image[g], image[b]);
      const saturation = value === 0 ? 0 : chroma / value;
      const wanted = value * Math.min(Math.max(saturation * factor + added, 0), 1);
      for (const at of [r, g, b]) {
        // Grey counts as red, the hue 0.
        const depth = chroma === 0 ? (at === r ? 0 : 1) : (value - image[at]) / chroma;
        out[at] = value - depth * wanted;
      }
    });
  };

function eachPixel(
  image: Float32Array,
  area: number,
  use: (red: number, green: number, blue: number) => void,
): void {
  for (let i = 0; i < image.length / 3; i++) use(i, area + i, 2 * area + i);
}
