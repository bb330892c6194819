import { type OptionTable, shown, withDefaults } from "../../options/index.ts";
import { type ImageBatch, UsageError } from "../../tensor/index.ts";
import type { FamilyMaker } from "../define-family.ts";
import type { RangeParameter, Ranges, Transform } from "../family.ts";
import { meaningsOfTurn } from "../meanings.ts";
import { fillOption, filled, interpolationOption, isPlainWarp } from "../member-options.ts";
import type { Interpolation } from "../interpolation.ts";
import type { Fill } from "../reflected.ts";
import type { InverseAffine } from "../warp-taps.ts";
import { warp } from "../warp.ts";
import { type RangeEnds, drawsOption, rangeOption } from "./range-options.ts";
import { type RangedFamily, rangedFamily } from "./ranged-family.ts";
import { FEW_IMAGES, warpOnce } from "./warp-once.ts";

export interface AffineOptions {
  /** Degrees, counter-clockwise as seen on screen. */
  readonly rotation?: RangeEnds;
  /** Pixels to the right; fractions of one interpolate. */
  readonly x?: RangeEnds;
  /** Pixels down. */
  readonly y?: RangeEnds;
  /** Zoom factors, above 1 magnifies. */
  readonly scale?: RangeEnds;
  /** Degrees by which a vertical line leans to the right. */
  readonly shear?: RangeEnds;
  /** What lies outside the frame: "zero" (default, black), "edge", the outermost pixels, or "reflect", the image mirrored at its edge. */
  readonly fill?: Fill;
  /** How a place between pixels is read: "nearest", "bilinear" (default) or "bicubic". */
  readonly interpolation?: Interpolation;
  /** Views that training draws of each image in each step (default 10). */
  readonly draws?: number;
}

const ends = (description: string) =>
  rangeOption({
    description,
    otherwise: "not moved; without any range: rotation −30 to 30, x and y −3 to 3",
  });

/** The rows of {@link AffineOptions}. */
export const affineOptions = {
  rotation: ends("degrees from and to, counter-clockwise"),
  x: ends("pixels to the right from and to"),
  y: ends("pixels down from and to"),
  scale: ends("zoom factors from and to, above 0; above 1 magnifies"),
  shear: ends("degrees from and to, between −90 and 90; positive leans the top to the right"),
  fill: fillOption,
  interpolation: interpolationOption,
  draws: drawsOption,
} satisfies OptionTable<AffineOptions>;

/** The parameters in the order of a point's values, with what changes nothing and how they are written. */
const parts = {
  rotation: { neutral: 0, unit: "°", gridValues: 31 },
  x: { neutral: 0, unit: " px", gridValues: 5 },
  y: { neutral: 0, unit: " px", gridValues: 5 },
  scale: { neutral: 1, unit: "", gridValues: 5 },
  shear: { neutral: 0, unit: "°", gridValues: 5 },
} as const;

type Part = keyof typeof parts;
const names = Object.keys(parts) as Part[];

/** The literature's: Engstrom, Tran, Tsipras, Schmidt & Madry, ICML 2019, for MNIST. */
const usual: Partial<Record<Part, RangeEnds>> = { rotation: [-30, 30], x: [-3, 3], y: [-3, 3] };

const make = (options: AffineOptions = {}): RangedFamily => {
  const given = withDefaults("affine", affineOptions, options);
  const { fill, interpolation, draws } = given;
  const named = names.filter((name) => given[name] !== undefined);
  const ranges = named.length > 0 ? given : { ...given, ...usual };
  const parameters = names.flatMap((name): RangeParameter[] => {
    const range = ranges[name];
    return range ? [{ name, low: range[0], high: range[1], ...partOf(name) }] : [];
  });
  const valuesOf = (values: readonly number[]) =>
    Object.fromEntries(parameters.map(({ name }, i) => [name, values[i]]));
  const box: Ranges = {
    parameters,
    draws,
    at: (values: readonly number[]) => movedBy(valuesOf(values), fill, interpolation),
    warps: { inverseAffine: (values) => inverseAffine(valuesOf(values)), fill, interpolation },
  };
  const used = Object.fromEntries(Object.entries(ranges).filter(([, value]) => value !== undefined));
  return {
    ...rangedFamily("affine", "degrees and pixels", box, used),
    madeBy: [affine],
  };
};

/**
 * Sheared, scaled and turned about the image centre, then moved, all in one warp: a pixel is interpolated once. Each parameter
 * lies in a range of its own. Equal to torchvision's `functional.affine(angle=-rotation, translate=[x, y], scale, shear=[shear,
 * 0], interpolation=BILINEAR)` on float tensors, fractions of pixels included.
 */
export const affine: AffineMaker = Object.assign(make, { familyName: "affine", options: affineOptions });

/** What makes the family, which always has ranges. */
export type AffineMaker = ((options?: AffineOptions) => RangedFamily) &
  Pick<FamilyMaker, "familyName" | "options">;

const partOf = (name: Part) => ({ neutral: parts[name].neutral, gridValues: parts[name].gridValues });

function movedBy(
  values: Readonly<Partial<Record<Part, number>>>,
  fill: Fill,
  interpolation: Interpolation,
): Transform {
  const given = names.filter((name) => values[name] !== undefined);
  const matrix = inverseAffine(values);
  const meanings = meaningsOfTurn(values.rotation ?? 0);
  const warped = warp(matrix, fill, interpolation);
  const isQuick = isPlainWarp(fill, interpolation);
  return {
    name: `${given.map((name) => `${name} ${values[name]}${parts[name].unit}`).join(", ")}${filled(fill, interpolation).suffix}`,
    parameters: {
      ...Object.fromEntries(given.map((name) => [name, values[name]!])),
      ...filled(fill, interpolation).parameters,
    },
    ...(meanings.length > 0 && { mayChangeMeaning: meanings }),
    apply(images: ImageBatch, out?: Float32Array) {
      return isQuick && images.shape[0] <= FEW_IMAGES ? warpOnce(matrix, images, out) : warped(images, out);
    },
  };
}

/**
 * The view moves p to T R K S p, with S the scale, K the shear, R the rotation and T the translation, about the image's centre
 * and y down. This is the inverse: S⁻¹ K⁻¹ R⁻¹ (p − t).
 */
function inverseAffine({
  rotation = 0,
  x = 0,
  y = 0,
  scale = 1,
  shear = 0,
}: Readonly<Partial<Record<Part, number>>>): InverseAffine {
  if (!(scale > 0)) {
    throw new UsageError(`Cannot scale by ${shown(scale)}. Give zoom factors above 0.`);
  }
  if (!(Math.abs(shear) < 90)) {
    throw new UsageError(
      `Cannot shear by ${shown(shear)}°. Give angles between −90° and 90°, both excluded.`,
    );
  }
  const radians = (rotation * Math.PI) / 180;
  const [cos, sin, tan] = [Math.cos(radians), Math.sin(radians), Math.tan((shear * Math.PI) / 180)];
  const a = (cos + tan * sin) / scale;
  const b = (tan * cos - sin) / scale;
  const c = sin / scale;
  const d = cos / scale;
  return [a, b, -(a * x + b * y), c, d, -(c * x + d * y)];
}
