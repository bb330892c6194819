export { argmax, correctUnderAll, correctness, countCorrect } from "./accuracy.ts";
export { type AlignmentGap, alignmentGap, alignmentGaps } from "./alignment-gap.ts";
export { type Bound, type BoundTerms, bound } from "./bound.ts";
export {
  type ClassAnswers,
  type ClassAverages,
  type ClassReport,
  type ClassScores,
  type Mistake,
} from "./class-report.ts";
export {
  type ClassResults,
  type ClassResultsOptions,
  classResults,
  classResultsTable,
} from "./class-results.ts";
export { type DistanceName, distances } from "./distance.ts";
export {
  CALIBRATION_BINS,
  type CalibrationError,
  type CalibrationScores,
  calibrationError,
  calibrationScores,
} from "./calibration.ts";
export { type CorruptionErrors, corruptionErrors } from "./corruption-errors.ts";
export { fitTemperature } from "./temperature.ts";
export { efficiency } from "./efficiency.ts";
export { LabelError, NonFiniteError } from "./errors.ts";
export type { HardImage, HardestImages } from "./hardest-images.ts";
export { type InvarianceOptions, invarianceScore, invarianceShares, invarianceTable } from "./invariance.ts";
export { batchImages } from "./batch-images.ts";
export { type LabelledImages, withLabels } from "./labelled-images.ts";
export {
  type Predict,
  type PredictOptions,
  type PredictWithEmbeddings,
  type TestOptions,
  predictMembers,
  testClassifier,
} from "./predict-members.ts";
export { predictViews } from "./predict-views.ts";
export { predictedParts } from "./predicted-parts.ts";
export { type AnswerOptions, type Prediction, predictionOf } from "./prediction.ts";
export { type Embeddings, type Predictions, checkPredictions } from "./predictions.ts";
export { type MemberAccuracy, type Scores, scorePredictions } from "./procedure.ts";
export { validationScores } from "./validation-scores.ts";
export {
  type PlannedSearch,
  type RangeSearch,
  type RangeSearchOptions,
  type Searched,
  plannedSearch,
  pointCount,
  pointList,
  rangeSearchTable,
  searchRanges,
} from "./range-search.ts";
export {
  type FollowedRanges,
  type FoundByGradient,
  type GradientSteps,
  type WarpGradient,
  searchByGradient,
  slopesAt,
} from "./gradient-search.ts";
export { type FoundByImage, type ImageBlock, searchBlock } from "./search-block.ts";
export { type SearchPointsOptions, type SharedSearch, searchPoints } from "./search-points.ts";
export { type RightOf, type StabilityScores, stabilityScores } from "./stability-scores.ts";
export { type Interval, wilson } from "./wilson.ts";
