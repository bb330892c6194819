import { type ImageSource, classCounts, listed, sampleCount } from "../../data/index.ts";
import { darkPixelDoubts } from "./dark-pixels.ts";

/** Below this a 95 % interval of an accuracy is wider than 30 points, whatever the model. */
const fewImages = 30;

/** Why scores on these images may not say much, a sentence each. */
export async function testDataDoubts(data: ImageSource): Promise<string[]> {
  const samples = sampleCount(data);
  const counts = classCounts(data);
  const present = data.classNames.filter((_, i) => counts[i] > 0);
  const missing = data.classNames.filter((_, i) => counts[i] === 0);
  const doubts: string[] = await darkPixelDoubts(data);
  if (present.length === 1) {
    doubts.push(
      `All ${samples} test images are of the class "${present[0]}": a model that gives nothing else has accuracy 100 %. ` +
        `Test on images of two classes or more.`,
    );
  } else if (missing.length > 0) {
    doubts.push(`There is no test image of ${listed(missing)}: the scores say nothing of it.`);
  }
  if (samples < fewImages) {
    doubts.push(
      `The test has ${samples} image${samples === 1 ? "" : "s"}: mind the width of the intervals, or test on ${fewImages} or more.`,
    );
  }
  return doubts;
}
