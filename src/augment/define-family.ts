import {
  type AnyTable,
  areNames,
  checkFunction,
  checkRecord,
  checkString,
  isArrayLike,
  isRecord,
  refuse,
  withDefaults,
} from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type ImageFunction, customMember } from "./custom-family.ts";
import { type FamilyRows, type RowValues, tableOf } from "./family-rows.ts";
import { type Transform, type TransformFamily, family } from "./family.ts";
import type { Meaning } from "./meanings.ts";
import {
  type MemberRange,
  type RangeChoice,
  checkMemberRange,
  isRangeChosen,
  rangeOfMembers,
  rangedRows,
  withLists,
} from "./ranges/member-range.ts";
import type { RangeEnds } from "./ranges/range-options.ts";

export interface FamilyDefinition<Rows extends FamilyRows> {
  /** Of the family, and the first word of its members' names. */
  readonly name: string;
  /** Of the members' parameters, for axis labels; default none. */
  readonly unit?: string;
  /** Its options by name: each a row, or just its default, whose kind is then the kind that is taken. Default: none. */
  readonly options?: Rows;
  /**
   * The members beside the identity, for checked options: transforms, or functions from images to new images by the members' names
   * (as `customFamily` takes them, whose results are checked each time).
   */
  readonly members: (
    options: RowValues<Rows>,
  ) => readonly Transform[] | Readonly<Record<string, ImageFunction>>;
  /**
   * That the numbers of an option, a list with a member for each, may be drawn from a range instead: the family then takes `range`
   * and `draws` too.
   */
  readonly range?: MemberRange<RowValues<Rows>> & { readonly of: keyof Rows & string };
  /** What a member may change of what an image means, so that its label may be wrong; default: nothing. */
  readonly mayChangeMeaning?: (member: Transform, options: RowValues<Rows>) => readonly Meaning[];
}

/** Makes a family of options, each of which may be left out. */
export interface FamilyMaker<Options extends object = object> {
  (options?: Options): TransformFamily;
  /** Of the families that it makes. */
  readonly familyName: string;
  /** Its options, with what they take and their defaults; of one that can have a range, that is among them. */
  readonly options: AnyTable;
  /** How a range takes the place of its list; undefined where none can. */
  readonly range?: MemberRange;
}

/**
 * A family of transforms with options. All built-in families are made by it. See docs/families.md.
 *
 * @example
 * export default defineFamily({
 *   name: "solarize",
 *   unit: "threshold",
 *   options: { thresholds: [0.5, 0.75] },
 *   members: ({ thresholds }) =>
 *     Object.fromEntries(
 *       thresholds.map((t) => [`solarize ${t}`, ({ data }) => data.map((v) => (v < t ? v : 1 - v))]),
 *     ),
 *   mayChangeMeaning: () => ["light and dark"],
 * });
 *
 * @throws UsageError for a definition that lacks something; the maker throws it for options that the family does not take
 */
export function defineFamily<const Rows extends FamilyRows = Record<never, never>>(
  definition: FamilyDefinition<Rows>,
): FamilyMaker<Partial<RowValues<Rows>> & RangeChoice> {
  const where = "defineFamily";
  checkRecord(where, "definition", definition, "{ name, options, members }");
  const { name, unit = "", options = {}, members, mayChangeMeaning } = definition;
  checkString(where, "name", name);
  if (typeof unit !== "string") refuse(where, "unit", unit, "a string");
  checkRecord(where, "options", options, "a record of options by name");
  checkFunction(where, "members", members);
  if (mayChangeMeaning !== undefined) checkFunction(where, "mayChangeMeaning", mayChangeMeaning);
  const table = tableOf(name, options);
  const range = definition.range as MemberRange | undefined;
  if (range !== undefined) {
    checkRecord(where, "range", range, "{ of, neutral }");
    checkMemberRange(name, range, table);
  }
  const membersOf = (values: RowValues<Rows>): readonly Transform[] => {
    const made: unknown = members(values);
    if (!isArrayLike(made) && !isRecord(made)) {
      refuse(where, `result of members of "${name}"`, made, "a list of transforms or a record of functions");
    }
    return isArrayLike(made) ? (made as readonly Transform[]) : ofFunctions(name, made);
  };
  const declaredBy =
    (values: RowValues<Rows>) =>
    (member: Transform): Transform =>
      mayChangeMeaning ? withMeanings(name, member, mayChangeMeaning(member, values)) : member;
  const listed = (given: object): TransformFamily => {
    const values = withDefaults(make.name, table, given);
    const checked = values as RowValues<Rows>;
    const whole = family(name, unit, membersOf(checked), values);
    const declared = declaredBy(checked);
    return { ...whole, members: whole.members.map((member, k) => (k === 0 ? member : declared(member))) };
  };
  const ranged = (declaration: MemberRange, given: object): TransformFamily => {
    const own = Object.entries(table).filter(([option]) => option !== declaration.of);
    const rows = { ...Object.fromEntries(own), ...rangedRows };
    const lists = withLists(table, given as Record<string, unknown>);
    const {
      range: ends,
      draws,
      ...others
    } = withDefaults(`the range of ${name}`, rows, lists) as {
      readonly range: RangeEnds;
      readonly draws: number;
    };
    const declared = declaredBy(others as RowValues<Rows>);
    const membersAt = (value: number) => listed({ ...others, [declaration.of]: [value] }).members.slice(1);
    const parts = { name, unit, range: declaration, membersOf: membersAt, declared };
    return rangeOfMembers(parts, ends, draws, others);
  };
  const make = (options: object = {}): TransformFamily => ({
    ...(range && isRecord(options) && isRangeChosen(name, range, options)
      ? ranged(range, options)
      : listed(options)),
    madeBy: [make],
  });
  Object.defineProperty(make, "name", { value: inCamelCase(name) });
  const all = range ? { ...table, ...rangedRows } : table;
  return Object.assign(make, { familyName: name, options: all, ...(range && { range }) });
}

/** Whether it is what {@link defineFamily} gives. */
export const isMaker = (value: unknown): value is FamilyMaker =>
  typeof value === "function" && "familyName" in value && "options" in value && isRecord(value.options);

function ofFunctions(family: string, functions: Readonly<Record<string, unknown>>): Transform[] {
  return Object.entries(functions).map(([name, change]) => {
    checkFunction("defineFamily", `member ${name} of "${family}"`, change);
    return customMember(family, name, change as ImageFunction);
  });
}

function withMeanings(family: string, member: Transform, meanings: unknown): Transform {
  if (!areNames(meanings)) {
    throw new UsageError(
      `The family "${family}" says no list of what "${member.name}" may change. ` +
        `Return a list from mayChangeMeaning, as ["half turns"], empty where it keeps the meaning.`,
    );
  }
  if (meanings.length === 0) return member;
  const { name, parameters } = member;
  // It may be of a class: its function needs it.
  return {
    name,
    parameters,
    apply: (images, out) => member.apply(images, out),
    mayChangeMeaning: meanings,
  };
}

/** `package-rotation` as packageRotation. */
const inCamelCase = (name: string): string =>
  name.replaceAll(/[^\p{L}\p{N}]+(.)/gu, (_, letter: string) => letter.toUpperCase());
