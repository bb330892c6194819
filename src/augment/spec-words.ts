/** The words behind a family's colon: `15,30`, `15,30,reflect`, `shares=0.2,0.3,seed=7`. */
import { type AnyTable, nearestName, takes } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";

/**
 * Options by words. A number belongs to `list`, or to the list that the last `option=` began; `option=value` sets an option; a
 * word that is a choice of one option sets that one (`reflect`, `nearest`).
 *
 * @param text    all of it, for messages
 * @param family  its name
 * @param list    the option that numbers without a name fill; undefined where there is none
 * @throws UsageError
 */
export function optionsOfWords(
  text: string,
  words: readonly string[],
  { family, table, list }: { family: string; table: AnyTable; list: string | undefined },
): Record<string, unknown> {
  const given = new Map<string, unknown[]>();
  let open = list;
  const put = (name: string, value: unknown, isNew: boolean) => {
    const values = given.get(name);
    if (isNew && values !== undefined) {
      throw new UsageError(`"${text}" gives "${name}" twice. Give each option once.`);
    }
    given.set(name, [...(values ?? []), value]);
  };
  for (const word of words) {
    const [, name, value] = /^([\w-]+)\s*=\s*(.*)$/s.exec(word) ?? [];
    const number = word === "" ? NaN : Number(word);
    if (name !== undefined) {
      put(name, scalarOf(value), true);
      open = name;
    } else if (!Number.isNaN(number)) {
      if (open === undefined) throw noList(family, table);
      put(open, number, false);
    } else {
      const choosing = Object.entries(table).filter(([, { choices }]) => choices?.includes(word));
      if (choosing.length === 1) put(choosing[0][0], word, true);
      else if (open !== undefined && open !== list && word !== "") put(open, word, false);
      else throw noNumber(text, word, table);
    }
  }
  return Object.fromEntries(
    Array.from(given, ([name, values]) => [name, valueOf(table[name], values, name === list)]),
  );
}

/** One value, where the option takes such; else the list of all. */
function valueOf(row: AnyTable[string] | undefined, values: readonly unknown[], isList: boolean): unknown {
  if (isList || values.length > 1) return values;
  return row === undefined || takes(row, values[0]) || !takes(row, values) ? values[0] : values;
}

function scalarOf(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  const number = text === "" ? NaN : Number(text);
  return Number.isNaN(number) ? text : number;
}

const noList = (family: string, table: AnyTable) =>
  new UsageError(
    `The family "${family}" takes no list of values. Its options: ${Object.keys(table).join(", ") || "none"}.`,
  );

function noNumber(text: string, word: string, table: AnyTable): UsageError {
  const choices = Object.values(table).flatMap(({ choices = [] }) => choices);
  const near = word === "" ? undefined : nearestName(word, choices);
  const others = choices.length > 0 ? ` Words that it takes: ${choices.join(", ")}.` : "";
  return new UsageError(
    `"${text}" needs numbers after the colon, with commas between, as in rotation:15,30, or options, as in ` +
      `rotation:15,fill=reflect.${others}${near === undefined ? "" : ` Did you mean "${near}"?`}`,
  );
}

/** Options of a text as a module's table takes them: single values become lists where it wants those. */
export const fittedTo = (
  table: AnyTable,
  options: Readonly<Record<string, unknown>>,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      Array.isArray(value) ? value : valueOf(table[name], [value], false),
    ]),
  );
