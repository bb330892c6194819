import { UsageError } from "../tensor/index.ts";
import { type Classifier } from "./classifier.ts";
import { lenet } from "./lenet.ts";

export { type Classifier, buildClassifier } from "./classifier.ts";
export {
  type ImportOptions,
  importClassifier,
  normalizationMetadata,
  recordedNormalization,
} from "./import-classifier.ts";
export { type LeNetOptions, lenet } from "./lenet.ts";
export { type Normalization, checkNormalization, normalize, normalizeImages } from "./normalization.ts";

/** What every classifier of the zoo can be made from. */
export interface ModelOptions {
  shape: readonly [channels: number, height: number, width: number];
  classes: number;
  seed: number;
  /** What the graph subtracts from, then divides, each channel by (default 0 and 1). */
  mean?: readonly number[];
  std?: readonly number[];
}

/** Our own classifiers by name. */
export const models = { lenet } satisfies Record<string, (options: ModelOptions) => Classifier>;

/** The classifier of that name. @throws UsageError listing the choices */
export function modelByName(name: string, options: ModelOptions): Classifier {
  if (!Object.hasOwn(models, name)) {
    throw new UsageError(`Unknown model "${name}". Choose one of: ${Object.keys(models).join(", ")}.`);
  }
  return models[name as keyof typeof models](options);
}
