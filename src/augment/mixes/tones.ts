/** The operations of AugMix on tones, each a table of 256 bytes; as PIL.ImageOps of Pillow 13 has them. */
import { type ByteImage, looked } from "./byte-image.ts";

/** Each channel is stretched so that its darkest pixel is 0 and its brightest 255; one of a single tone stays. */
export const autocontrast = (image: ByteImage): ByteImage =>
  looked(image, (plane) => {
    let [low, high] = [255, 0];
    for (const value of plane) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (high <= low) return unchanged;
    const scale = 255 / (high - low);
    return table((value) => Math.min(255, Math.max(0, Math.trunc(value * scale + -low * scale))));
  });

/** Each channel's tones are spread so that all are about equally frequent. */
export const equalize = (image: ByteImage): ByteImage =>
  looked(image, (plane) => {
    const counts = new Uint32Array(256);
    for (const value of plane) counts[value]++;
    const step = Math.floor((plane.length - counts[counts.findLastIndex((count) => count > 0)]) / 255);
    // A channel of one tone has none below its last, and so the step 0.
    if (step === 0) return unchanged;
    let below = Math.floor(step / 2);
    return table((value) => {
      const equal = Math.floor(below / step);
      below += counts[value];
      return Math.min(255, equal);
    });
  });

/** Keeps so many of the eight bits. @param bits  1 … 8 */
export const posterize = (image: ByteImage, bits: number): ByteImage =>
  looked(image, () => table((value) => value & ~(2 ** (8 - bits) - 1)));

/** Inverts the bytes from the threshold on. */
export const solarize = (image: ByteImage, threshold: number): ByteImage =>
  looked(image, () => table((value) => (value < threshold ? value : 255 - value)));

/** In rising order of values. */
const table = (of: (value: number) => number): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, i) => of(i));

const unchanged = table((value) => value);
