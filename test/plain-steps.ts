import type { FitOptions } from "../src/api/index.ts";
import type { Dataset } from "../src/data/index.ts";

/** Options of three plain SGD steps, each on all images, as the references of tools/zoo and tools/frameworks take them. */
export const plainSteps = (data: Dataset): FitOptions => ({
  method: "base",
  optimizer: "sgd",
  learningRate: 0.05,
  epochs: 3,
  batchSize: data.labels.length,
  threads: 1,
});
