/** Notes where a result cannot mean much. Each function gives sentences, none on an ordinary run. */
export { fewStepsDoubts } from "./few-steps.ts";
export { flipDoubts, meaningDoubts } from "./meaning.ts";
export { mixedShiftsDoubts } from "./mixed-shifts.ts";
export { otherShiftsDoubts } from "./other-shifts.ts";
export { pictureDoubts } from "./picture-doubts.ts";
export { seenImagesDoubts } from "./seen-images.ts";
export { stillStatisticsDoubts } from "./still-statistics.ts";
export { testDataDoubts } from "./test-data.ts";
export { testResultDoubts } from "./test-result.ts";
export { trainingDataDoubts } from "./training-data.ts";
export { trainingResultDoubts } from "./training-result.ts";
export { trainedValidationDoubts, validationDataDoubts, validationResultDoubts } from "./validation.ts";
