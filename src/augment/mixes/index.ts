export { type AugmixOptions, augmixOptions } from "./mix-options.ts";
export { type ChainOperation, mixed } from "./mixed.ts";
export { type Link, type Mixture, type MixtureSettings, drawMixture } from "./mixture.ts";
export { type Mixtures, fillMixtures, mixturesOf } from "./mixtures.ts";
export {
  type DrawnLevel,
  type MixOperation,
  type MixOperationName,
  mixOperationNames,
  mixOperations,
} from "./operations.ts";
