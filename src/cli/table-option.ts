/** Options of the command line that are options of a function: their names, ranges, defaults and words come from its table. */
import { InvalidArgumentError, Option } from "commander";
import { type Option as Row, isModuleSpec, parseModuleSpec, takes } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { numberIn } from "./parse-number.ts";

type AnyRow = Row<unknown, unknown>;

/** The flag of a row, with its default. */
export function tableOption(row: AnyRow, description = row.description): Option {
  const option = flagOf(row, row.otherwise === undefined ? description : withDefault(row, description));
  return row.default === undefined ? option : option.default(row.default);
}

/**
 * The flag of a row that is left out unless it is given: those that not every method, optimizer or schedule has. Its
 * default is in its words alone.
 */
export const tableOptionIfGiven = (row: AnyRow, description = row.description): Option =>
  flagOf(row, withDefault(row, description));

function withDefault({ otherwise, default: standard }: AnyRow, description: string): string {
  const text = otherwise ?? (standard === false ? undefined : standard);
  return text === undefined ? description : `${description} (default: ${shownDefault(text)})`;
}

const shownDefault = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function flagOf(row: AnyRow, description: string): Option {
  if (row.flag === undefined) throw new Error("internal: the option has no flag.");
  const option = new Option(row.flag, description);
  if (row.choices && row.make !== undefined) {
    const { choices } = row;
    return option.choices(choices).argParser((text: string) => wordOrModule(text, choices));
  }
  if (row.choices) return option.choices(row.choices);
  return row.flag.includes("<") ? option.argParser(parserOf(row)) : option;
}

/** One of the words, or a module of a user's own, which is read later. */
function wordOrModule(text: string, choices: readonly string[]): string {
  if (choices.includes(text)) return text;
  if (!isModuleSpec(text)) {
    throw new InvalidArgumentError(
      `Allowed choices are ${choices.join(", ")}, or a module's path, as ./mine.mjs.`,
    );
  }
  try {
    parseModuleSpec(text);
  } catch (error) {
    throw error instanceof UsageError ? new InvalidArgumentError(error.message) : error;
  }
  return text;
}

/** A parser of text: a number where the row takes numbers, else the text itself. */
const parserOf =
  (row: AnyRow) =>
  (text: string): unknown => {
    const value = row.needed.startsWith("a string") ? text : numberIn(text);
    if (takes(row, value)) return value;
    throw new InvalidArgumentError(`Give ${row.needed}.`);
  };
