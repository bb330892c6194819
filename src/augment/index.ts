export { type FamilyName, families, familyByName } from "./families.ts";
export { type Transform, type TransformFamily, family, identity } from "./family.ts";
export { type RotationOptions, inverseRotation, rotation } from "./rotation.ts";
export { type ImageSource, type ViewSource, eagerViews, lazyViews } from "./views.ts";
export { type InverseAffine, type WarpTaps, warpTaps } from "./warp-taps.ts";
export { warp } from "./warp.ts";
export { worstCasePerBatch, worstCasePerSample } from "./worst-case.ts";
