/**
 * An option of a public function, described once: what values it takes, what holds when it is left out, and what it is for.
 * From the tables of these come the checks of the functions, the options of the command line, the fields of study files and
 * docs/options.md.
 */
// The small form of zod: these tables go into pages too.
import * as z from "zod/mini";
import { isOptions, shown } from "./shown.ts";

/** What a description says besides the values. */
export interface OptionText<Default> {
  /** What it is for, without a full stop: help of the command line and the reference. */
  readonly description: string;
  /** What holds when it is left out. */
  readonly default?: Default;
  /** The same in words, where it is no plain value. */
  readonly otherwise?: string;
  /** How the command line writes it, as `--epochs <n>`. */
  readonly flag?: string;
  /** Other names that people give it, for "did you mean". */
  readonly alias?: readonly string[];
  /** What to say of a value that is wrong in a way of its own; undefined for all others. */
  readonly advice?: (value: unknown) => string | undefined;
}

export interface Option<Value, Default = Value | undefined> extends OptionText<Default> {
  readonly default: Default;
  readonly schema: z.core.$ZodType<Value>;
  /** The values in words, as "a whole number of at least 1". */
  readonly needed: string;
  /** Where it takes one of several words. */
  readonly choices?: readonly string[];
  /** The function that makes others than these words, as "defineMethod". */
  readonly make?: string;
  /** Where it is a record of options itself. */
  readonly members?: AnyTable;
}

/** A row for each option of an interface: one that is missing, or of another type, does not compile. */
export type OptionTable<Options> = {
  readonly [Name in keyof Options]-?: Option<Exclude<Options[Name], undefined>, unknown>;
};

export type AnyTable = Readonly<Record<string, Option<unknown, unknown>>>;

/** The default's type is undefined where there is none. */
function option<Value, const Text extends OptionText<Value>>(
  schema: z.core.$ZodType<Value>,
  needed: string,
  text: Text,
): Option<Value, Text extends { readonly default: unknown } ? Value : undefined> {
  type Default = Text extends { readonly default: unknown } ? Value : undefined;
  return { ...text, default: text.default as Default, schema, needed };
}

/** Where a number may lie. */
export interface Range {
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
  readonly below?: number;
}

/** A whole number from `least` on, 1 unless something else is said. */
export const whole = <const Text extends OptionText<number>>(text: Text, least = 1) =>
  option(z.int().check(z.gte(least)), `a whole number of at least ${least}`, text);

/** A finite number in a range. */
export function number<const Text extends OptionText<number>>(range: Range, text: Text) {
  return option(numberIn(range), `a number${rangeText(range)}`, text);
}

/** A list of one or more finite numbers in a range. */
export function numbers<const Text extends OptionText<readonly number[]>>(range: Range, text: Text) {
  const items = z.array(numberIn(range)).check(z.minLength(1));
  return option<readonly number[], Text>(items, `a list of numbers${rangeText(range)}`, text);
}

/** One of several words. */
export function choice<const Name extends string, const Text extends OptionText<NoInfer<Name>>>(
  choices: readonly Name[],
  text: Text,
) {
  const isChoice = (value: unknown): boolean => choices.includes(value as Name);
  const row = option(z.custom<Name>(isChoice), `one of ${choices.map(shown).join(", ")}`, text);
  return { ...row, choices };
}

/**
 * One of several words, or what a `define…` function takes and makes. Whether a record is a whole definition, that function
 * tells.
 *
 * @param make  the function's name
 */
export const nameOr =
  <Definition>(make: string) =>
  <const Name extends string, const Text extends OptionText<NoInfer<Name>>>(
    choices: readonly Name[],
    text: Text,
  ) => {
    const isOne = (value: unknown): value is Name | Definition =>
      choices.includes(value as Name) || isOptions(value);
    const needed = `one of ${choices.map(shown).join(", ")}, or what ${make} makes`;
    const row = option<Name | Definition, OptionText<Name>>(z.custom<Name | Definition>(isOne), needed, text);
    type Default = Text extends { readonly default: unknown } ? Name : undefined;
    return { ...row, default: text.default as Default, choices, make };
  };

export const truth = <const Text extends OptionText<boolean>>(text: Text) =>
  option(z.boolean(), "true or false", text);

/** A string that is not empty. */
export const string = <const Text extends OptionText<string>>(text: Text) =>
  option(z.string().check(z.minLength(1)), "a string that is not empty", text);

/** A function to call back. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- its parameters are the interface's business
export const callback = <Function extends (...values: any[]) => unknown>(text: OptionText<Function>) =>
  option(
    z.custom<Function>((value) => typeof value === "function"),
    "a function",
    text,
  );

/** Whatever a test of one's own tells. */
export function tested<Value, const Text extends OptionText<Value>>(
  isOne: (value: unknown) => value is Value,
  needed: string,
  text: Text,
): Option<Value, Text extends { readonly default: unknown } ? Value : undefined>;
export function tested<Value>(
  isOne: (value: unknown) => boolean,
  needed: string,
  text: OptionText<Value>,
): Option<Value>;
export function tested<Value>(
  isOne: (value: unknown) => boolean,
  needed: string,
  text: OptionText<Value>,
): Option<Value> {
  return option(z.custom<Value>(isOne), needed, text);
}

/** A record of options. */
export function group<Members extends AnyTable>(members: Members, text: OptionText<OptionsOf<Members>>) {
  const names = Object.keys(members).join(", ");
  const record = option(z.custom<OptionsOf<Members>>(isOptions), `an object of options (${names})`, text);
  return { ...record, default: undefined, members };
}

/** What a table's options are, each of which may be left out. */
type OptionsOf<Table> = {
  -readonly [Name in keyof Table]?: Table[Name] extends Option<infer Value, unknown> ? Value : never;
};

function numberIn({ least, above, most, below }: Range) {
  const checks = [
    least !== undefined && z.gte(least),
    above !== undefined && z.gt(above),
    most !== undefined && z.lte(most),
    below !== undefined && z.lt(below),
  ].filter((check) => check !== false);
  return checks.length > 0 ? z.number().check(...(checks as [(typeof checks)[number]])) : z.number();
}

function rangeText({ least, above, most, below }: Range): string {
  const from = least !== undefined ? ` of at least ${least}` : above !== undefined ? ` above ${above}` : "";
  const to = most !== undefined ? `at most ${most}` : below !== undefined ? `below ${below}` : "";
  return from !== "" && to !== "" ? `${from} and ${to}` : from + (to && ` ${to}`);
}
