import { type ImageSource, imagesInSketch } from "../../data/index.ts";
import type { TrainedOn } from "../trained-on.ts";

/** Share of the test images from which on it is said that they were trained on; data sets have a few duplicates. */
const noted = 0.05;

/**
 * Whether the model was trained on the images that it is tested on.
 *
 * @param trainedOn  what the model says; null when it does not
 */
export async function seenImagesDoubts(trainedOn: TrainedOn | null, data: ImageSource): Promise<string[]> {
  if (trainedOn === null) {
    if (!data.isUnsplit) return [];
    return [
      `${data.name} has no train/ and test/ folders: if the model was trained on it, these scores are of images that it has ` +
        `seen, and say little of others.`,
    ];
  }
  const doubts: string[] = [];
  for (const { name, samples, sha256, sketch } of trainedOn) {
    // The same data set need not be decoded to be known again.
    const isSame = sha256 === data.hash;
    const { found, judged } = isSame ? { found: 1, judged: 1 } : await imagesInSketch(data, sketch);
    const share = judged === 0 ? 0 : found / judged;
    if (share < noted) continue;
    const which =
      share === 1 ? "The test images are" : `About ${Math.round(100 * share)} % of the test images are`;
    doubts.push(
      `${which} among those that the model was trained on (${name}, ${samples} images): scores on images that it has seen say ` +
        `little of others. Test on images that it has not seen.`,
    );
  }
  return doubts;
}
