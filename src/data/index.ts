export { datasetArrays } from "./check-arrays.ts";
export { checkDataset, checkSource, isDataset } from "./check-dataset.ts";
export { type Dataset, type DatasetArrays, datasetFromArrays, sampleCount } from "./dataset.ts";
export { classCounts } from "./class-counts.ts";
export {
  areIndices,
  confusableNames,
  type ConfusablePair,
  listOfNames,
  normalizedClassName,
  numericOrderDiffers,
  shownName,
} from "./class-names.ts";
export { DataError } from "./errors.ts";
export { type HeldOut, heldOutOf, heldOutPart } from "./held-out.ts";
export { imagesAt, imagesOf, labelsAt } from "./gather.ts";
export { type IdxFolderOptions, openIdxFolder } from "./idx-folder.ts";
export { type IdxArray, parseIdx, parseIdxImages, parseIdxLabels } from "./idx.ts";
export { type ImageSource } from "./image-source.ts";
export { imageSketch, imagesInSketch } from "./image-sketch.ts";
export { listed } from "./listed.ts";
export { type ImageFolderOptions, openImageFolder } from "./image-folder.ts";
export { type LoadOptions, builtInNames, dataSplits, loadData, loadTable, openData } from "./load.ts";
export {
  type OpenedPictures,
  type Picture,
  type PixelPicture,
  UnreadableError,
  checkPicture,
  findPictures,
  openPictures,
  pictureBatch,
  pictureName,
} from "./pictures/index.ts";
export { openMnist } from "./mnist.ts";
export { epochOrder } from "./order.ts";
export { type DataSource, type Split } from "./source.ts";
export { isReadAsClass } from "./read-as-class.ts";
export { sample, samplePart } from "./sample.ts";
export { type SplitOptions, type SplitParts, splitSource, splitTable } from "./split-source.ts";
export { strata } from "./strata.ts";
export { split, subset, take } from "./subset.ts";
export { hideLabels } from "./unlabelled.ts";
export { type LabelledPart, labelledPart } from "./labelled-part.ts";
