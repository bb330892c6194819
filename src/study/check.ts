import { fitting, flipDoubts, loadFamily, meaningDoubts } from "../api/index.ts";
import { type TransformFamily, checkCrop } from "../augment/index.ts";
import type { ImageSource } from "../data/index.ts";
import { canonicalJson } from "./cell.ts";
import { partId } from "./columns.ts";
import type { Contents } from "./contents-record.ts";
import { partHashes } from "./load-parts.ts";
import { modelContents, studyModel } from "./model.ts";
import { searchContents } from "./range-search.ts";
import { needsChoice } from "./study.ts";
import { type DataPart, StudyData, samplingRule } from "./study-data.ts";
import type { PlacedStudy } from "./placed-study.ts";

/** Of data without parts for training and for testing. */
const SAME_IMAGES =
  "The data have no parts train and test: the study trains and tests on the same images, and its test scores say little " +
  "of others. Put images that training must not see in a folder test beside one named train.";

/** What was found out of a study's data and modules. */
export interface CheckedData {
  readonly contents: readonly Contents[];
  readonly notes: readonly string[];
}

/**
 * Finds out, before hours of work, that the data can be read and is large enough, that the model and the crop suit its
 * images, and that the families' modules can be used.
 *
 * @returns hashes of the images and modules that the study is about, and what a user should know of the images
 * @throws UsageError, DataError
 */
export async function checkStudy({ study, directory }: PlacedStudy): Promise<CheckedData> {
  const data = new StudyData(study, directory);
  const images = await data.part("train");
  const parts: Partial<Record<DataPart, ImageSource>> = { train: images };
  const model = await studyModel({ ...study, seed: study.seeds[0] }, images, directory);
  const { notes } = fitting(model, images, {}, `The model "${model.graph.name}"`);
  checkCrop(study.crop ?? 0, images.shape);
  if (study.regularizers.some((entry) => needsChoice(study, partId("regularizer", entry, study.own)))) {
    parts.validation = await data.part("validation");
  }
  parts.test = await data.part("test");
  const modules: Record<string, string> = {};
  const meanings = flipDoubts(study.flip ?? false, images.classNames);
  // What mixtures are made of changes images as well.
  const { families, testFamilies = [], augmix } = study;
  const tested: TransformFamily[] = [];
  for (const spec of [...families, ...testFamilies, ...(augmix?.operations ? [augmix.operations] : [])]) {
    const family = await loadFamily(spec, directory);
    if (spec !== augmix?.operations) tested.push(family);
    Object.assign(modules, family.modules);
    meanings.push(...meaningDoubts(family, images.classNames));
  }
  const read = Object.entries(parts);
  return {
    contents: [
      {
        settings: canonicalJson({ data: study.data, dataSeed: study.dataSeed, sampling: samplingRule }),
        sha256: Object.fromEntries(read.map(([part, { hash }]) => [`${part} images`, hash])),
      },
      { settings: "families", sha256: modules },
      ...searchContents(study, tested),
      ...(study.own ? [{ settings: "parts", sha256: await partHashes(study.own, directory) }] : []),
      ...modelContents(study, model),
    ],
    notes: [
      ...new Set([
        ...(model.notes ?? []),
        ...notes,
        ...read.flatMap(([, data]) => data.notes ?? []),
        ...meanings,
      ]),
      ...(parts.test.isUnsplit ? [SAME_IMAGES] : []),
    ],
  };
}
