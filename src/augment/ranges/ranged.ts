import { nearestName, withDefaults } from "../../options/index.ts";
import { UsageError } from "../../tensor/index.ts";
import { type FamilyName, families } from "../families.ts";
import { type Ranges, type Transform, identity } from "../family.ts";
import { listOptionOf, optionsOf } from "../family-options.ts";
import { inverseRotation } from "../rotation.ts";
import { inverseAffine } from "./affine.ts";
import { type RangeEnds, drawsOption, rangeOption } from "./range-options.ts";
import { type RangedFamily, rangedFamily } from "./ranged-family.ts";
import { warpOnce } from "./warp-once.ts";

/** Families with one number for each member, and the number that changes nothing. */
const neutralValues = {
  rotation: 0,
  scale: 1,
  shear: 0,
  contrast: 1,
  brightness: 1,
  saturation: 1,
  hue: 0,
  blur: 0,
  noise: 0,
  "package-contrast": 1,
  "package-contrast-tensorflow": 1,
  "package-saturation-tensorflow": 1,
} as const satisfies Partial<Record<FamilyName, number>>;

/** A family that can be drawn from a range. */
export type RangedName = keyof typeof neutralValues;

export const rangedNames = Object.keys(neutralValues) as RangedName[];

export const isRangedName = (name: string): name is RangedName => Object.hasOwn(neutralValues, name);

export interface RangedOptions {
  /** The lowest and the highest value. */
  readonly range: RangeEnds;
  /** Views that training draws of each image in each step (default 10). */
  readonly draws?: number;
  /** What else the family takes: `fill`, `seed`. */
  readonly [option: string]: unknown;
}

/** The rows that a range adds to a family's own. */
export const rangedRows = {
  range: rangeOption({
    description: "lowest and highest value, in place of the list: members are drawn",
    otherwise: "the list's values",
  }),
  draws: drawsOption,
};

/**
 * A family whose members are drawn from a range of its one number, both ends included: `ranged("rotation", { range: [-30, 30]
 * })`. Families: rotation, scale, shear, contrast, brightness, saturation, hue, blur, noise, and the package's.
 *
 * @throws UsageError for other families, and for ends that the family does not take
 */
export function ranged(name: RangedName, options: RangedOptions): RangedFamily {
  if (!isRangedName(name)) throw noRange(name);
  const list = listOptionOf(name)!;
  const own = Object.entries(optionsOf(name)).filter(([option]) => option !== list);
  const table = { ...Object.fromEntries(own), ...rangedRows };
  const { range, draws, ...others } = withDefaults(`the range of ${name}`, table, options) as {
    readonly range?: RangeEnds;
    readonly draws: number;
  };
  if (range === undefined) {
    throw new UsageError(`The range of ${name} is missing. Give range: [low, high].`);
  }
  const [low, high] = range;
  const neutral = neutralValues[name];
  const make = families[name] as (options: object) => { readonly members: readonly Transform[] };
  const { unit } = families[name]();
  checkZero(name, range);
  const at = (values: readonly number[]): Transform => {
    const [value] = values;
    if (value === neutral || (name === "rotation" && value % 360 === 0)) {
      return { ...identity, name: `${name} ${value}`, parameters: { [list]: value } };
    }
    const member = make({ ...others, [list]: [value] }).members[1];
    // Its own name for 1/4 is "x/4", which says no number.
    return name === "contrast"
      ? { ...member, name: `contrast ${value}` }
      : quick(name, member, others, value);
  };
  const parameters = [{ name, low, high, neutral, gridValues: 31 }];
  const box: Ranges = {
    ...{ parameters, draws, at },
    ...(isWarp(name) &&
      isPlain(others) && { inverseAffine: ([value]: readonly number[]) => inverseAffine({ [name]: value }) }),
  };
  const family = rangedFamily(name, unit, box, { ...others, range, draws });
  return { ...family, madeBy: [families[name]] };
}

/** A few images turned without tables, which take longer to make than the images to turn. */
function quick(name: RangedName, member: Transform, others: object, degrees: number): Transform {
  if (name !== "rotation" || !isPlain(others)) return member;
  const matrix = inverseRotation(degrees);
  return {
    ...member,
    apply: (images, out) =>
      images.shape[0] <= 4 ? warpOnce(matrix, images, out) : member.apply(images, out),
  };
}

const isWarp = (name: RangedName): boolean => ["rotation", "scale", "shear"].includes(name);

/** Bilinear, with black outside. */
const isPlain = (options: object): boolean =>
  Object.values(options).every((value) => [undefined, "zero", "bilinear"].includes(value as string));

/** A contrast of 0 leaves nothing of an image. */
function checkZero(name: RangedName, [low, high]: RangeEnds): void {
  if (name !== "contrast" || low > 0 || high < 0) return;
  throw new UsageError(
    `A range of contrast from ${low} to ${high} has 0 in it, which leaves nothing of an image. Give one above 0, or one below.`,
  );
}

/** The error for a family that has no range. */
export function noRange(name: string): UsageError {
  const near = nearestName(name, rangedNames);
  return new UsageError(
    `The family "${name}" has no range. Ranges have: affine, ${rangedNames.join(", ")}.` +
      (near ? ` Did you mean "${near}"?` : "") +
      (name === "translate" ? " Moves are affine's x and y, in pixels: affine:x=-3..3,y=-3..3." : ""),
  );
}
