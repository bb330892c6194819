import { checkString, nearestName } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { blur } from "./blur.ts";
import { brightness } from "./brightness.ts";
import { contrast } from "./contrast.ts";
import { cifarCorruptions, corruptions, mnistCorruptions } from "./corruptions/index.ts";
import { cutout } from "./cutout.ts";
import type { FamilyMaker } from "./define-family.ts";
import type { TransformFamily } from "./family.ts";
import { exposure } from "./exposure.ts";
import { hue } from "./hue.ts";
import { jpeg } from "./jpeg.ts";
import { motionBlur } from "./motion-blur.ts";
import { noise } from "./noise.ts";
import { packageContrastTensorflow } from "./package-contrast-tensorflow.ts";
import { packageContrast } from "./package-contrast.ts";
import { packageRotation } from "./package-rotation.ts";
import { packageSaturationTensorflow } from "./package-saturation-tensorflow.ts";
import { occlusion } from "./occlusion.ts";
import { perspective } from "./perspective.ts";
import { affine } from "./ranges/affine.ts";
import { rotation } from "./rotation.ts";
import { saturation } from "./saturation.ts";
import { scale } from "./scale.ts";
import { shear } from "./shear.ts";
import { texture } from "./texture.ts";
import { translate } from "./translate.ts";
import { whiteBalance } from "./white-balance.ts";
import { zoom } from "./zoom.ts";

/** Every family that can be named, with its default members. */
export const families = {
  texture,
  rotation,
  contrast,
  translate,
  scale,
  shear,
  blur,
  noise,
  cutout,
  brightness,
  saturation,
  hue,
  perspective,
  zoom,
  exposure,
  "white-balance": whiteBalance,
  jpeg,
  "motion-blur": motionBlur,
  occlusion,
  affine,
  corruptions,
  "corruptions-cifar": cifarCorruptions,
  "corruptions-mnist": mnistCorruptions,
  "package-rotation": packageRotation,
  "package-contrast": packageContrast,
  "package-contrast-tensorflow": packageContrastTensorflow,
  "package-saturation-tensorflow": packageSaturationTensorflow,
} satisfies Record<string, FamilyMaker>;

export type FamilyName = keyof typeof families;

/** The family of that name with its default members. @throws UsageError that lists the names */
export function familyByName(name: string): TransformFamily {
  if (!Object.hasOwn(families, name)) {
    checkString("familyByName", "name", name, "the name of a family");
    const near = nearestName(name, Object.keys(families));
    throw new UsageError(
      `Unknown transform family "${name}". Choose one of: ${Object.keys(families).join(", ")}.${near ? ` Did you mean "${near}"?` : ""}`,
    );
  }
  return families[name as FamilyName]();
}
