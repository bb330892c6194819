import {
  type ImageSource,
  classCounts,
  imageSketch,
  imagesInSketch,
  listed,
  sampleCount,
} from "../../data/index.ts";
import type { ValidatedEpoch } from "../../train/index.ts";
import { chanceOf, majorityOf, percent } from "./majority.ts";

/** Fewer images tell epochs apart by chance. */
const fewImages = 20;
/** Share of the images from which on it is said that they are trained on; data sets have a few duplicates. */
const noted = 0.05;

/** Why scores on these validation images may not say much, a sentence each. */
export function validationDataDoubts(validation: ImageSource, training: ImageSource): string[] {
  const samples = sampleCount(validation);
  const counts = new Map(classCounts(validation).map((count, i) => [validation.classNames[i], count]));
  const trained = classCounts(training);
  const missing = training.classNames.filter((name, i) => trained[i] > 0 && !counts.get(name));
  const doubts: string[] = [];
  if (missing.length > 0)
    doubts.push(`There is no validation image of ${listed(missing)}: the scores say nothing of it.`);
  if (samples < fewImages) {
    doubts.push(
      `Validation has ${samples} image${samples === 1 ? "" : "s"}: which epoch is best is a matter of chance with so few. ` +
        `Give ${fewImages} or more, or keep the last epoch (keep, --keep last).`,
    );
  }
  return doubts;
}

/** Whether validation images are trained on. Reads all images of both, once. */
export async function trainedValidationDoubts(
  validation: ImageSource,
  training: ImageSource,
): Promise<string[]> {
  const { found, judged } = await imagesInSketch(validation, await imageSketch(training));
  const share = judged === 0 ? 0 : found / judged;
  if (share < noted) return [];
  const which =
    share === 1
      ? "The validation images are"
      : `About ${Math.round(100 * share)} % of the validation images are`;
  return [
    `${which} among those that are trained on: their scores say little of other images. Validate on images that nothing ` +
      `trains on.`,
  ];
}

/** Whether the epoch that is kept tells the validation images apart at all. */
export function validationResultDoubts(kept: ValidatedEpoch | null, labels: Int32Array): string[] {
  const majority = majorityOf(labels);
  if (!kept || !majority || kept.validation.clean > majority.high) return [];
  return [
    `The validation accuracy of epoch ${kept.epoch}, ${percent(kept.validation.clean)}, ` +
      `${chanceOf(kept.validation.clean, majority)}. Train longer, with another learning rate, or on more images.`,
  ];
}
