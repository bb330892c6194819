import { type ImageSource, classCounts, listed, sampleCount } from "../../data/index.ts";
import { darkPixelDoubts } from "./dark-pixels.ts";

/** Why a model trained on these images may not be worth much, a sentence each. */
export async function trainingDataDoubts(data: ImageSource): Promise<string[]> {
  const counts = classCounts(data);
  const present = data.classNames.filter((_, i) => counts[i] > 0);
  const missing = data.classNames.filter((_, i) => counts[i] === 0);
  const doubts: string[] = await darkPixelDoubts(data);
  if (present.length === 1) {
    doubts.push(
      `All ${sampleCount(data)} training images are of the class "${present[0]}": a model that gives nothing else is always ` +
        `right. Give images of two classes or more.`,
    );
  } else if (missing.length > 0) {
    doubts.push(`There is no training image of ${listed(missing)}: what the model says of it is not learnt.`);
  }
  if (data.isUnsplit) {
    doubts.push(
      `${data.name} has no train/ and test/ folders: the same images would serve to train and to test. Test on others.`,
    );
  }
  return doubts;
}
