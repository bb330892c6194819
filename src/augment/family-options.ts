import type { AnyTable } from "../options/index.ts";
import { blurOptions } from "./blur.ts";
import { brightnessOptions } from "./brightness.ts";
import { contrastOptions } from "./contrast.ts";
import { corruptionsOptions } from "./corruptions/index.ts";
import { cutoutOptions } from "./cutout.ts";
import { hueOptions } from "./hue.ts";
import { noiseOptions } from "./noise.ts";
import { packageContrastOptions } from "./package-contrast.ts";
import { packageContrastTensorflowOptions } from "./package-contrast-tensorflow.ts";
import { packageRotationOptions } from "./package-rotation.ts";
import { packageSaturationTensorflowOptions } from "./package-saturation-tensorflow.ts";
import { rotationOptions } from "./rotation.ts";
import { saturationOptions } from "./saturation.ts";
import { scaleOptions } from "./scale.ts";
import { shearOptions } from "./shear.ts";
import { textureOptions } from "./texture.ts";
import { translateOptions } from "./translate.ts";
import type { FamilyName } from "./families.ts";

/**
 * The options of every family's constructor. The list of numbers makes the members: `rotation:15,30` fills it.
 */
export const familyOptions = {
  texture: textureOptions,
  rotation: rotationOptions,
  contrast: contrastOptions,
  translate: translateOptions,
  scale: scaleOptions,
  shear: shearOptions,
  blur: blurOptions,
  noise: noiseOptions,
  cutout: cutoutOptions,
  brightness: brightnessOptions,
  saturation: saturationOptions,
  hue: hueOptions,
  corruptions: corruptionsOptions,
  "corruptions-cifar": corruptionsOptions,
  "package-rotation": packageRotationOptions,
  "package-contrast": packageContrastOptions,
  "package-contrast-tensorflow": packageContrastTensorflowOptions,
  "package-saturation-tensorflow": packageSaturationTensorflowOptions,
} satisfies Readonly<Record<FamilyName, AnyTable>>;

/** The options of a family, by its name. */
export const optionsOf = (name: FamilyName): AnyTable => familyOptions[name];

/** The option of a family that is a list of numbers; undefined when it has none. */
export const listOptionOf = (name: FamilyName): string | undefined =>
  Object.entries(optionsOf(name)).find(([, { needed }]) => needed === "a list of numbers")?.[0];
