import { type ImageSource, imagesOf, isDataset, sampleCount } from "../../data/index.ts";

/** Images that are looked at where not all are in memory. */
const looked = 32;

/** Pixels that were meant in [0, 1], a sentence; black and white images kept so pass as bytes. */
export async function darkPixelDoubts(data: ImageSource): Promise<string[]> {
  const pixels = isDataset(data) ? data.pixels : await someBytes(data);
  if (!pixels.includes(1) || pixels.some((value) => value > 1)) return [];
  return [
    `Every pixel of ${data.name} is 0 or 1, where white is 255: its images are black. If they are values in [0, 1], multiply them ` +
      `by 255.`,
  ];
}

/** Of images from all over the data. */
async function someBytes(data: ImageSource): Promise<Uint8Array> {
  const count = sampleCount(data);
  const taken = Math.min(looked, count);
  const places = Array.from({ length: taken }, (_, i) => Math.floor((i * count) / taken));
  const { data: values } = await imagesOf(data, places);
  return Uint8Array.from(values, (value) => Math.round(255 * value));
}
