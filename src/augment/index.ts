export { compose } from "./compose.ts";
export { type ImageFunction, customFamily } from "./custom-family.ts";
export { type BlurOptions, blur } from "./blur.ts";
export { type BrightnessOptions, brightness } from "./brightness.ts";
export { type ContrastOptions, contrast } from "./contrast.ts";
export {
  type CorruptionName,
  type CorruptionsOptions,
  type MnistCorruptionName,
  type MnistCorruptionsOptions,
  benchmarkCorruptions,
  cifarCorruptions,
  corruptionNames,
  corruptions,
  mnistCorruptions,
} from "./corruptions/index.ts";
export { type CropFlipOptions, checkCrop, cropFlipImages } from "./crop-flip.ts";
export { type FamilyDefinition, type FamilyMaker, defineFamily, isMaker } from "./define-family.ts";
export { type FamilyRow, type FamilyRows, type RowValues, option } from "./family-rows.ts";
export { type Meaning, meaningFacts } from "./meanings.ts";
export { type CutoutOptions, cutout } from "./cutout.ts";
export { type FamilyName, families, familyByName } from "./families.ts";
export { familyOptions } from "./family-options.ts";
export { type FamilyModule, familyFromSpec, modulePaths, specName, specOf } from "./family-spec.ts";
export {
  type RangeParameter,
  type Ranges,
  type Transform,
  type TransformFamily,
  family,
  identity,
} from "./family.ts";
export { type HueOptions, hue } from "./hue.ts";
export {
  type AugmixOptions,
  type Mixtures,
  augmixOptions,
  fillMixtures,
  type MixOperationName,
  mixOperationNames,
  mixturesOf,
} from "./mixes/index.ts";
export { type NoiseOptions, noise } from "./noise.ts";
export { packageContrastTensorflow } from "./package-contrast-tensorflow.ts";
export { type PackageContrastOptions, packageContrast } from "./package-contrast.ts";
export { packageRotation } from "./package-rotation.ts";
export { packageSaturationTensorflow } from "./package-saturation-tensorflow.ts";
export { type FamilyOptions, type FamilySpec, type ParsedSpec, parseSpec } from "./parse-spec.ts";
export { type AffineOptions, affine } from "./ranges/affine.ts";
export { drawnViews } from "./ranges/drawn-views.ts";
export { memberNamed, membersAndEnds } from "./ranges/member-named.ts";
export { checkPoints, gridPoints, hardestFirst, randomPoints } from "./ranges/points.ts";
export type { MemberRange, RangeChoice } from "./ranges/member-range.ts";
export { type RangedName, type RangedOptions, ranged, rangedNames } from "./ranges/ranged.ts";
export { type RangedFamily, hasRanges, withSample } from "./ranges/ranged-family.ts";
export { type Point, describeRanges } from "./ranges/ranges.ts";
export { type RotationOptions, inverseRotation, rotation } from "./rotation.ts";
export { type SaturationOptions, saturation } from "./saturation.ts";
export { type ScaleOptions, scale } from "./scale.ts";
export { type ShearOptions, shear } from "./shear.ts";
export { fittedTo } from "./spec-words.ts";
export { type TextureOptions, texture } from "./texture.ts";
export { type TranslateOptions, translate } from "./translate.ts";
export { type Transforms, familyOf } from "./transforms.ts";
export { type ExposureOptions, exposure } from "./exposure.ts";
export type { Interpolation } from "./interpolation.ts";
export { type JpegOptions, jpeg } from "./jpeg.ts";
export { type MotionBlurOptions, motionBlur } from "./motion-blur.ts";
export { type OcclusionOptions, occlusion } from "./occlusion.ts";
export { type PerspectiveOptions, perspective } from "./perspective.ts";
export type { Fill } from "./reflected.ts";
export { type WhiteBalanceOptions, whiteBalance } from "./white-balance.ts";
export { type ZoomOptions, zoom } from "./zoom.ts";
export { union } from "./union.ts";
export { checkSpec } from "./check-spec.ts";
export { checkFamily, isFamily } from "./check-family.ts";
export { viewOf } from "./view-of.ts";
export { type ViewSource, eagerViews, lazyViews } from "./views.ts";
export { type InverseAffine, type WarpTaps, warpTaps } from "./warp-taps.ts";
export { warp } from "./warp.ts";
export { worstCasePerBatch, worstCasePerSample } from "./worst-case.ts";
