/**
 * How pictures of any size become images of one size: a fact of a data set, which was read by it, and of a model, which was
 * trained by it.
 */

/**
 * "stretch": both sides are brought to theirs, whatever the picture's shape. "crop": the picture is brought to a size that
 * covers what is wanted, and its middle is cut out. "pad": all of it is brought into what is wanted, and the rest is black.
 */
export const resizes = ["stretch", "crop", "pad"] as const;
export type Resize = (typeof resizes)[number];

/** Pillow's kernels; "nearest" takes one pixel for each, and smooths nothing where a picture shrinks. */
export const interpolations = ["bilinear", "bicubic", "lanczos", "box", "hamming", "nearest"] as const;
export type Interpolation = (typeof interpolations)[number];

/** What becomes of the orientation that a camera wrote into a file: "apply" turns the picture upright. */
export const exifs = ["apply", "ignore"] as const;
export type Exif = (typeof exifs)[number];

export interface PictureRule {
  readonly resize: Resize;
  /** Of "crop": the share of the covering sides that is cut out, as 224 of 256 is 0.875. 1 for the others. */
  readonly cropShare: number;
  readonly interpolation: Interpolation;
  readonly exif: Exif;
  /** Of "crop" with a share below 1: transforms are applied to all of the covering sides' middle, before the crop. Absent: after it. */
  readonly transformBeforeCrop?: true;
}

/** What a model says of it; what it leaves out nobody has said. */
export interface StatedPictures extends Partial<PictureRule> {
  readonly resize: Resize;
  /** The size that pictures came to, where nothing else of the model says so. */
  readonly size?: readonly [height: number, width: number];
}

/** What images a model takes. */
export interface TakenImages {
  readonly imageShape?: readonly [channels: number, height: number, width: number];
  readonly pictures?: StatedPictures;
}

const members: Readonly<Record<keyof PictureRule, (value: unknown) => boolean>> = {
  resize: (value) => resizes.includes(value as Resize),
  cropShare: (value) => typeof value === "number" && value > 0 && value <= 1,
  interpolation: (value) => interpolations.includes(value as Interpolation),
  exif: (value) => exifs.includes(value as Exif),
  transformBeforeCrop: (value) => value === true || value === undefined,
};

/** Whether each member that is there is possible, and `resize` is. */
export function isStatedPictures(value: unknown): value is StatedPictures {
  if (typeof value !== "object" || value === null) return false;
  const stated = value as Record<string, unknown>;
  return Object.entries(members).every(
    ([name, isPossible]) => isPossible(stated[name]) || (name !== "resize" && stated[name] === undefined),
  );
}

/** The same with all its members. */
export const isPictureRule = (value: unknown): value is PictureRule =>
  isStatedPictures(value) &&
  Object.keys(members).every(
    (name) => name === "transformBeforeCrop" || value[name as keyof PictureRule] !== undefined,
  );
