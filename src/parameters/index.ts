/** Which tensors of a graph are parameters, decided in one place. Start at roles.ts. */
export { type Trainable, chosenNames, defaultTrainable } from "./choice.ts";
export { decayedNames } from "./decayed.ts";
export { isMadeUp } from "./made-up-names.ts";
export { exportNotes } from "./export-notes.ts";
export { computedTensors, foldedNormalization } from "./folding.ts";
export { parameterLayers } from "./layers.ts";
export { namePatterns } from "./name-patterns.ts";
export { headKey, headNames } from "./head.ts";
export { withoutSigned } from "./exported/index.ts";
export { statedTensors, tensorKeys } from "./stated.ts";
export { type GraphUse, type TensorRole, tensorRoles, trainableNames, weightNames } from "./roles.ts";
export { separateParameters } from "./separate-parameters.ts";
export { dependingOn, reaching } from "./reach.ts";
export { bufferNames, frozenStatistics, imageNormalizations } from "./statistics.ts";
