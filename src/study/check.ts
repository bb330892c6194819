import { loadFamily } from "../api/index.ts";
import { checkCrop } from "../augment/index.ts";
import { modelOf } from "./model.ts";
import { needsChoice } from "./study.ts";
import { StudyData } from "./study-data.ts";
import type { PlacedStudy } from "./study-folder.ts";

/**
 * Finds out, before hours of work, that the data can be read and is large enough, that the model and the crop suit its
 * images, and that the families' modules can be used.
 *
 * @throws UsageError, DataError
 */
export async function checkStudy({ study, directory }: PlacedStudy): Promise<void> {
  const data = new StudyData(study, directory);
  const images = await data.part("train");
  modelOf({ ...study, seed: study.seeds[0] }, images);
  checkCrop(study.crop ?? 0, images.shape);
  if (study.regularizers.some((name) => needsChoice(study, name))) await data.part("validation");
  await data.part("test");
  for (const family of study.families) await loadFamily(family, directory);
}
