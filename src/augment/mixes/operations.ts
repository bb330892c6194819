import { type ByteImage } from "./byte-image.ts";
import { affine, rotationAbout } from "./affine.ts";
import { autocontrast, equalize, posterize, solarize } from "./tones.ts";

/** What is drawn for an operation, whether it needs it or not. */
export interface DrawnLevel {
  /** In [0.1, severity). */
  readonly level: number;
  /** Geometric operations go the other way. */
  readonly isNegative: boolean;
}

/** An operation of a chain. */
export type MixOperation = (image: ByteImage, drawn: DrawnLevel) => ByteImage;

/**
 * The nine operations of AugMix, in the order of the authors' list: those of AutoAugment that are not corruptions of
 * ImageNet-C too. A level of 10 is the strongest: 30°, a shear by 0.3, a third of the side.
 *
 * Source: Hendrycks, Mu, Cubuk, Zoph, Gilmer & Lakshminarayanan, AugMix, ICLR 2020, and the authors' augmentations.py. Theirs
 * moves by thirds of a fixed size, and makes images of that size; here sizes are the image's own.
 */
export const mixOperations = {
  autocontrast: (image) => autocontrast(image),
  equalize: (image) => equalize(image),
  posterize: (image, { level }) => posterize(image, 4 - whole(level, 4)),
  rotate: (image, drawn) =>
    affine(image, rotationAbout(sizeOf(image), signed(drawn, whole(drawn.level, 30)))),
  solarize: (image, { level }) => solarize(image, 256 - whole(level, 256)),
  "shear-x": (image, drawn) => affine(image, [1, signed(drawn, share(drawn.level, 0.3)), 0, 0, 1, 0]),
  "shear-y": (image, drawn) => affine(image, [1, 0, 0, signed(drawn, share(drawn.level, 0.3)), 1, 0]),
  "translate-x": (image, drawn) =>
    affine(image, [1, 0, signed(drawn, whole(drawn.level, sizeOf(image)[1] / 3)), 0, 1, 0]),
  "translate-y": (image, drawn) =>
    affine(image, [1, 0, 0, 0, 1, signed(drawn, whole(drawn.level, sizeOf(image)[0] / 3))]),
} satisfies Record<string, MixOperation>;

export type MixOperationName = keyof typeof mixOperations;

export const mixOperationNames = Object.keys(mixOperations) as MixOperationName[];

/** The share of the most that a level has. */
const share = (level: number, most: number): number => (level * most) / 10;

const whole = (level: number, most: number): number => Math.trunc(share(level, most));

const signed = ({ isNegative }: DrawnLevel, value: number): number => (isNegative ? -value : value);

/** Of the image proper. */
const sizeOf = ({ shape: [, height, width], margin }: ByteImage): [height: number, width: number] => [
  height - 2 * margin.top,
  width - 2 * margin.left,
];
