/** What is frozen is computed once. Start at cut-frozen.ts. */
export { checkAligned } from "./check-aligned.ts";
export { cachedBytes, clearCache } from "./clear-cache.ts";
export { type FrozenCut, type NoCut, cutFrozen } from "./cut-frozen.ts";
export { type CutOptions, movingValues } from "./moving-values.ts";
export type { BetweenTensor } from "./suffix-graph.ts";
export { featureViews } from "./feature-views.ts";
export {
  type CacheImages,
  type CacheProgress,
  type FeatureCache,
  type Features,
  fillCache,
  openCache,
  plainImages,
} from "./fill-cache.ts";
export { isDrawing } from "./keys.ts";
export { type Prefix, prefixOf } from "./prefix-session.ts";
