import { checkLimit, shown } from "../../options/index.ts";
import { UsageError, random } from "../../tensor/index.ts";
import { type RangeParameter, type Ranges, type Transform, type TransformFamily, family } from "../family.ts";
import { drawnPoint, gridPoints, stepsIn } from "./points.ts";

/** Draws of each image in a step where nobody says how many: the literature's worst of 10. */
export const usualDraws = 10;

/** A family that carries ranges. */
export type RangedFamily = TransformFamily & { readonly ranges: Ranges };

export const hasRanges = (family: TransformFamily): family is RangedFamily => family.ranges !== undefined;

/**
 * A continuous family. Its members are the identity and a fixed sample of the box, as many as training draws, so that
 * whatever goes through members sees the range too.
 *
 * @param options  all that makes it again
 * @throws UsageError for a range that is empty or has ends that the family does not take
 */
export function rangedFamily(
  name: string,
  unit: string,
  ranges: Ranges,
  options: Readonly<Record<string, unknown>>,
): RangedFamily {
  for (const parameter of ranges.parameters) checkRange(parameter);
  checkLimit("members", ranges.draws, `A range of the transform family "${name}"`);
  // The family says itself which values it takes.
  for (const pick of ["low", "high"] as const) ranges.at(ranges.parameters.map((each) => each[pick]));
  return { ...family(name, unit, sampleOf(ranges, ranges.draws, 0), options), ranges };
}

/** The same with another fixed sample of its ranges as members. */
export const withSample = (family: RangedFamily, count: number, seed: number): RangedFamily => ({
  ...family,
  members: [family.members[0], ...sampleOf(family.ranges, count, seed)],
});

/** `count` members of the box, no two of one name; all there are, where these are fewer. */
function sampleOf(ranges: Ranges, wanted: number, seed: number): Transform[] {
  checkLimit("members", wanted, "A sample of a range");
  const all = ranges.parameters.reduce((product, each) => product * (stepsIn(each) ?? Infinity), 1);
  if (all <= wanted) {
    const counts = ranges.parameters.map((each) => stepsIn(each)!);
    return gridPoints(ranges, counts).map((point) => ranges.at(point));
  }
  const rng = random(seed, "range sample");
  const members = new Map<string, Transform>();
  while (members.size < wanted) {
    const member = ranges.at(drawnPoint(ranges, rng));
    if (member.name !== "identity") members.set(member.name, member);
  }
  return [...members.values()];
}

function checkRange({ name: parameter, low, high, neutral, step }: RangeParameter): void {
  const isSound = Number.isFinite(low) && Number.isFinite(high) && low < high && Number.isFinite(high - low);
  const onStep = (round: (value: number) => number, end: number) =>
    neutral + step! * round((end - neutral) / step!);
  const isOnStep = (end: number) => step === undefined || Number.isInteger((end - neutral) / step);
  if (isSound && isOnStep(low) && isOnStep(high)) return;
  if (isSound) {
    throw new UsageError(
      `${parameter} cannot lie between ${low} and ${high}, as it takes numbers in steps of ${step!}. ` +
        `Give ends among them, as ${onStep(Math.ceil, low)} and ${onStep(Math.floor, high)}.`,
    );
  }
  throw new UsageError(
    `${parameter} cannot lie between ${shown(low)} and ${shown(high)}. ` +
      `Give two finite numbers, the lower one first, as ${parameter}: [-30, 30].`,
  );
}

/** A range of what cannot be drawn from: unions and compositions have fixed members. @throws UsageError */
export function refuseRanges(where: string, families: readonly TransformFamily[]): void {
  const ranged = families.find(hasRanges);
  if (!ranged) return;
  const parameters = ranged.ranges.parameters.map(({ name }) => name).join(", ");
  throw new UsageError(
    `${where} has fixed members, and "${ranged.name}" draws them from a range (${parameters}). Name its values, as in ` +
      `rotation:-30,-15,15,30; or use affine, which moves, turns, scales and shears in one warp.`,
  );
}
