import * as z from "zod/mini";
import { UsageError } from "../tensor/index.ts";
import { nearestName } from "./nearest-name.ts";
import type { AnyTable, Option, OptionTable } from "./option.ts";
import { isOptions, shown } from "./shown.ts";

/**
 * Checks options against their table: names, kinds and ranges. Members that are undefined count as left out.
 *
 * @param where  what has the options, as "fit"
 * @throws UsageError that says what was given and what to give
 */
export function checkOptions<Options extends object>(
  where: string,
  table: OptionTable<Options>,
  given: Options,
): void {
  checkRecord(where, table, given);
}

/** What the options of a table are once its defaults are filled in. */
export type Filled<Table> = {
  [Name in keyof Table]: Table[Name] extends Option<infer Value, infer Default>
    ? undefined extends Default
      ? Value | undefined
      : Value
    : never;
};

/** The options with the table's defaults. @throws UsageError as `checkOptions` does */
export function withDefaults<Table extends AnyTable>(
  where: string,
  table: Table,
  given: object,
): Filled<Table> {
  checkRecord(where, table, given);
  const values = given as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(table).map(([name, row]) => [name, values[name] ?? row.default]),
  ) as Filled<Table>;
}

function checkRecord(where: string, table: AnyTable, given: unknown, path = ""): void {
  if (!isOptions(given)) {
    const example = Object.keys(table)[0];
    throw new UsageError(
      `The options of ${where} must be an object, not ${shown(given)}. ` +
        `Give one, as { ${example}: … }, or leave it out.`,
    );
  }
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(table, name)) throw unknownOption(where, name, table, path);
    const row = table[name];
    if (value === undefined) continue;
    checkOption(where, `${path}${name}`, row, value);
    if (row.members && isOptions(value)) checkRecord(where, row.members, value, `${path}${name}.`);
  }
}

/** Whether an option takes a value. */
export const takes = (row: Option<unknown, unknown>, value: unknown): boolean =>
  z.safeParse(row.schema, value).success;

/** Checks one value. @throws UsageError */
export function checkOption(
  where: string,
  name: string,
  row: Option<unknown, unknown>,
  value: unknown,
): void {
  if (takes(row, value)) return;
  throw new UsageError(wrongValue(where, name, row, value));
}

/** The sentence for a value that an option does not take. */
function wrongValue(where: string, name: string, row: Option<unknown, unknown>, value: unknown): string {
  const advice = row.advice?.(value);
  if (row.choices && typeof value === "string") {
    const choose = advice ?? `Choose one of: ${row.choices.join(", ")}.`;
    return `Unknown ${name} "${value}". ${choose}${didYouMean(value, row.choices)}`;
  }
  const fault = `${where}${where.endsWith("s") ? "'" : "'s"} ${name} must be ${row.needed}, not ${shown(value)}.`;
  if (advice) return `${fault} ${advice}`;
  return value === null ? `${fault} Leave it out for the default.` : fault;
}

function unknownOption(where: string, name: string, table: AnyTable, path: string): UsageError {
  const what = path === "" ? `${where} has` : `${path.slice(0, -1)} of ${where} has`;
  const fault = `${what} no option "${name}".`;
  const meant = otherNames(table).get(plain(name)) ?? nearestName(name, Object.keys(table));
  if (meant !== undefined) return new UsageError(`${fault} Did you mean "${meant}"?`);
  const choices = Object.keys(table).join(", ");
  return new UsageError(`${fault} ${choices === "" ? "It takes none." : `It takes: ${choices}.`}`);
}

const didYouMean = (name: string, choices: readonly string[]): string => {
  const near = nearestName(name, choices);
  return near === undefined ? "" : ` Did you mean "${near}"?`;
};

/** What else people call the options, to what they are called: by the command line, by habit, or as a part of a record. */
function otherNames(table: AnyTable): Map<string, string> {
  const names = new Map<string, string>();
  const add = (name: string, meant: string) => {
    if (!names.has(plain(name))) names.set(plain(name), meant);
  };
  for (const [name, row] of Object.entries(table)) {
    add(name, name);
    for (const other of [...(row.alias ?? []), ...flagNames(row)]) add(other, name);
  }
  for (const [name, row] of Object.entries(table)) {
    for (const [member, { alias = [], ...inner }] of Object.entries(row.members ?? {})) {
      const meant = `${name}: { ${member}: … }`;
      for (const other of [member, ...alias, ...flagNames(inner)]) add(other, meant);
    }
  }
  return names;
}

const flagNames = ({ flag }: Pick<Option<unknown, unknown>, "flag">): string[] =>
  flag === undefined ? [] : [flag.split(" ")[0]];

/** `batch_size`, `--batch-size` and `batchSize` are one name. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_ ]/g, "");
