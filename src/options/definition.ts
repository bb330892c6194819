/** What the `define…` functions have in common: they check what they are given by a table, and freeze it. */
import { UsageError } from "../tensor/index.ts";
import { checkRecord } from "./arguments.ts";
import { checkOptions } from "./check-options.ts";
import { type AnyTable, tested } from "./option.ts";
import { isOptions, shown } from "./shown.ts";

/** A regularizer, a method, an optimizer …: ours or a user's own, as a value that names itself. */
export interface Definition<Kind extends string> {
  /** What it is: modules that export several definitions are told apart by it. */
  readonly defines: Kind;
  /** Of letters, digits, dots, dashes and underscores: it stands in tables, manifests and the names of files. */
  readonly name: string;
  /** What it was made with, for manifests: plain data (default: nothing). */
  readonly options?: Readonly<Record<string, unknown>>;
  /** SHA-256 by file name of the modules that it came from; whoever loads them fills it in. */
  readonly modules?: Readonly<Record<string, string>>;
}

/** What a definition says of itself before it is made: its name. What a `define…` function made is one too. */
export type Definable<Kind extends string> = Pick<Definition<Kind>, "name"> & Partial<Definition<Kind>>;

const isName = (value: unknown): value is string =>
  typeof value === "string" && /^[A-Za-z][\w.-]*$/.test(value);

/** The rows that every definition has. */
export const definitionRows = {
  defines: tested<string>(
    (value) => typeof value === "string",
    "the word that a define… function puts there",
    {
      description: "what it is",
    },
  ),
  name: tested(isName, "a letter, then letters, digits, dots, dashes or underscores", {
    description: "stands in tables, manifests and the names of files",
  }),
  options: tested(isOptions, "an object of plain data", {
    description: "what it was made with, for manifests",
  }),
  modules: tested(isOptions, "hashes by file name", { description: "the modules that it came from" }),
} as const;

/**
 * Checks a definition's members: names, kinds, ranges, and that none is missing.
 *
 * @param where     the function, as "defineRegularizer"
 * @param kind      what it defines, as "regularizer"
 * @param required  members that must be there, beside the name
 * @returns         the members that are not undefined
 * @throws UsageError that says what was given and what to give
 */
export function checkDefinition<Given extends object>(
  where: string,
  kind: string,
  table: AnyTable,
  required: readonly string[],
  given: Given,
): Given {
  const needed = ["name", ...required];
  const example = `{ ${needed.map((name) => `${name}: …`).join(", ")} }`;
  checkRecord(where, "definition", given, "an object", `Give ${example}.`);
  const { defines } = given as { readonly defines?: unknown };
  if (defines !== undefined && defines !== kind) {
    throw new UsageError(
      `${where} makes a ${kind}, and what it was given is a ${typeof defines === "string" ? defines : shown(defines)} already. Give a ${kind}.`,
    );
  }
  checkOptions<object>(where, table, given);
  const members = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const missing = needed.find((name) => !Object.hasOwn(members, name));
  if (missing !== undefined) {
    throw new UsageError(`The ${kind} that ${where} was given has no ${missing}. Give ${example}.`);
  }
  return members as Given;
}

/** What tables, cards and messages call a definition that was given by name or as it is. */
export const definitionName = (given: string | { readonly name: string }): string =>
  typeof given === "string" ? given : given.name;
