import {
  type AnyTable,
  type Filled,
  type Option,
  choice,
  isRecord,
  number,
  shown,
  string,
  tested,
  truth,
} from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { memberValues } from "./member-options.ts";

/** An option as a row of a table, or just its default: a number, a text, true or false, a list of numbers or of texts. */
export type FamilyRow =
  Option<unknown, unknown> | number | string | boolean | readonly number[] | readonly string[];

export type FamilyRows = Readonly<Record<string, FamilyRow>>;

/** The values of options once defaults are filled in. */
export type RowValues<Rows extends FamilyRows> = {
  readonly [Name in keyof Rows]: Rows[Name] extends Option<unknown, unknown>
    ? Filled<Pick<Rows, Name>>[Name]
    : Rows[Name] extends readonly number[]
      ? readonly number[]
      : Rows[Name] extends readonly string[]
        ? readonly string[]
        : Widened<Rows[Name]>;
};

type Widened<Value> = Value extends number
  ? number
  : Value extends boolean
    ? boolean
    : Value extends string
      ? string
      : never;

/** Rows for all: a default's kind is the kind that is taken. @throws UsageError for a default of no such kind */
export const tableOf = (where: string, rows: FamilyRows): AnyTable =>
  Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, rowOf(where, name, row)]));

function rowOf(where: string, name: string, row: FamilyRow): Option<unknown, unknown> {
  if (isRow(row)) return row;
  const text = { description: `an option of ${where}`, default: row };
  if (isNumbers(row)) return memberValues({ ...text, default: row });
  if (isTexts(row)) return tested<readonly string[]>(isTexts, "a list of texts", { ...text, default: row });
  if (typeof row === "number" && Number.isFinite(row)) return number({}, { ...text, default: row });
  if (typeof row === "boolean") return truth({ ...text, default: row });
  if (typeof row === "string" && row !== "") return string({ ...text, default: row });
  throw new UsageError(
    `The option "${name}" of the family "${where}" has the default ${shown(row)}. ` +
      `Give a finite number, a text, true, false, a list of numbers or of texts, or a row of option.`,
  );
}

const isRow = (row: unknown): row is Option<unknown, unknown> =>
  isRecord(row) && isRecord(row.schema) && typeof row.needed === "string";

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => Number.isFinite(each));

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string");

/** Rows of options for a family of one's own; a plain default does where it says enough. */
export const option = { choice, number, numbers: memberValues, string, truth };
