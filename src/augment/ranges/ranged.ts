import { nearestName } from "../../options/index.ts";
import { UsageError } from "../../tensor/index.ts";
import type { FamilyMaker } from "../define-family.ts";
import { type FamilyName, families } from "../families.ts";
import type { RangeChoice } from "./member-range.ts";
import type { RangeEnds } from "./range-options.ts";
import type { RangedFamily } from "./ranged-family.ts";

/** The families of ours whose numbers can be drawn from a range. */
export const rangedNames = [
  "rotation",
  "scale",
  "shear",
  "contrast",
  "brightness",
  "saturation",
  "hue",
  "blur",
  "noise",
  "exposure",
  "white-balance",
  "jpeg",
  "zoom",
  "perspective",
  "motion-blur",
  "occlusion",
  "package-contrast",
  "package-contrast-tensorflow",
  "package-saturation-tensorflow",
] as const satisfies readonly FamilyName[];

/** A family that can be drawn from a range. */
export type RangedName = (typeof rangedNames)[number];

export const isRangedName = (name: string): name is RangedName =>
  (rangedNames as readonly string[]).includes(name);

export interface RangedOptions extends RangeChoice {
  /** The lowest and the highest value. */
  readonly range: RangeEnds;
  /** What else the family takes: `fill`, `seed`; of another list one number. */
  readonly [option: string]: unknown;
}

/**
 * A family whose members are drawn from a range of its one number, both ends included: `ranged("rotation", { range: [-30, 30]
 * })`. A family of one's own takes `range` itself, where `defineFamily` is told so.
 *
 * @throws UsageError for other families, and for ends that the family does not take
 */
export function ranged(name: RangedName, options: RangedOptions): RangedFamily {
  if (!isRangedName(name)) throw noRange(name);
  if (options.range === undefined) {
    throw new UsageError(`The range of ${name} is missing. Give range: [low, high].`);
  }
  checkZero(name, options.range);
  return (families[name] as FamilyMaker)(options) as RangedFamily;
}

/** A contrast of 0 leaves nothing of an image. */
function checkZero(name: RangedName, range: unknown): void {
  if (name !== "contrast" || !Array.isArray(range)) return;
  const [low, high] = range as readonly number[];
  if (!(low <= 0 && high >= 0)) return;
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
