/** A range in the place of a family's list: what `defineFamily` is told of it, and the family that is made of it. */
import { type AnyTable, shown } from "../../options/index.ts";
import { UsageError } from "../../tensor/index.ts";
import { type AffineWarps, type RangeParameter, type Ranges, type Transform, identity } from "../family.ts";
import { type RangeEnds, drawsOption, rangeOption } from "./range-options.ts";
import { type RangedFamily, rangedFamily } from "./ranged-family.ts";

/** That the numbers of an option, a list with a member for each, may be drawn from a range instead. */
export interface MemberRange<Values = Readonly<Record<string, unknown>>> {
  /** The option. */
  readonly of: string;
  /** The number that changes nothing, which need not be in a range. How far others are from it says how hard they are. */
  readonly neutral: number;
  /** Numbers are whole steps of this size from the neutral one: 1 for whole numbers. Default: any. */
  readonly step?: number;
  /** The member of a number, where it is another one than the list's. */
  readonly member?: (value: number, options: Values) => Transform;
  /** The other option that leaves one member for each number, as text has it (`degrees=45`), where that takes one: for errors. */
  readonly fixedBy?: string;
  /** How the members are affine warps, where they are: see {@link Ranges.warps}. */
  readonly warps?: (options: Values) => AffineWarps<number>;
}

/** What a family with a range takes besides its own options. */
export interface RangeChoice {
  /** Lowest and highest number, in place of the list. */
  readonly range?: RangeEnds;
  /** Views that training draws of each image in each step (default 10). */
  readonly draws?: number;
}

/** The rows of {@link RangeChoice}. */
export const rangedRows = {
  range: rangeOption({
    description: "lowest and highest value, in place of the list: members are drawn",
    otherwise: "the list's values",
  }),
  draws: drawsOption,
};

/** A family, as far as its ranges need it. */
interface Ranged {
  readonly name: string;
  readonly unit: string;
  readonly range: MemberRange;
  /** The members beside the identity of a list of one number. */
  readonly membersOf: (value: number) => readonly Transform[];
  /** What it may change. */
  readonly declared: (member: Transform) => Transform;
}

/**
 * The family whose members are drawn from a range of its number, both ends included.
 *
 * @param others  its options beside the list, checked
 * @throws UsageError for ends that the family does not take, and for one number that makes several members
 */
export function rangeOfMembers(
  { name, unit, range, membersOf, declared }: Ranged,
  [low, high]: RangeEnds,
  draws: number,
  others: Readonly<Record<string, unknown>>,
): RangedFamily {
  const { of, neutral, step } = range;
  const at = ([value]: readonly number[]): Transform => {
    if (value === neutral) return { ...identity, name: `${name} ${value}`, parameters: { [of]: value } };
    if (range.member) return declared(range.member(value, others));
    const members = membersOf(value);
    if (members.length === 1) return members[0];
    throw new UsageError(
      `A range of ${name} needs one member for each of its numbers, and ${value} makes ${members.length}. ` +
        `Fix its other options, so that one is left${range.fixedBy ? `, as in ${name}:${low}..${high},${range.fixedBy}` : ""}.`,
    );
  };
  const warps = range.warps?.(others);
  const parameter: RangeParameter = { name, low, high, neutral, gridValues: 31, ...(step && { step }) };
  const box: Ranges = {
    ...{ parameters: [parameter], draws, at },
    ...(warps && { warps: { ...warps, inverseAffine: ([value]) => warps.inverseAffine(value) } }),
  };
  return rangedFamily(name, unit, box, { ...others, range: [low, high], draws });
}

/**
 * Whether a range is among the options that are given.
 *
 * @throws UsageError for a list beside it, and for draws without it
 */
export function isRangeChosen(name: string, { of }: Pick<MemberRange, "of">, given: object): boolean {
  const { range, draws } = given as RangeChoice;
  if (range !== undefined && Object.hasOwn(given, of)) {
    throw new UsageError(
      `The range of ${name} has no option "${of}": the range is in its place. Leave one of them out.`,
    );
  }
  if (range === undefined && draws !== undefined) {
    throw new UsageError(
      `draws is of a range, and ${name} has none here. Leave it out, or give range: [low, high].`,
    );
  }
  return range !== undefined;
}

/** A list of one number where a range has one number for another list: `motion-blur:3..9,degrees=45`. */
export const withLists = (
  table: AnyTable,
  options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => {
      const isListed = Object.hasOwn(table, name) && table[name].needed === "a list of numbers";
      return [name, isListed && typeof value === "number" ? [value] : value];
    }),
  );

/** @throws UsageError for what is no declaration of a range, or of an option that is no list of numbers with a member each */
export function checkMemberRange(name: string, range: MemberRange, table: AnyTable): void {
  const { of, neutral, step } = range;
  const isList = Object.hasOwn(table, of) && table[of].needed === "a list of numbers";
  const isSound = Number.isFinite(neutral) && (step === undefined || (Number.isFinite(step) && step > 0));
  if (isList && isSound) return;
  throw new UsageError(
    `The range of the family "${name}" is ${shown(range)}. Give { of, neutral }, with of the name of an option that is a list ` +
      `of numbers, neutral the number that changes nothing, and step above 0 where only some numbers can be.`,
  );
}
