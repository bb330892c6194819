import { isRecord, nearestName, shown as inWords, takes } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type FamilyName, families } from "./families.ts";
import { listOptionOf, optionsOf } from "./family-options.ts";
import { rangeWords } from "./ranges/range-words.ts";
import { rangedRows, withLists } from "./ranges/member-range.ts";
import { isRangedName, noRange } from "./ranges/ranged.ts";
import { optionsOfWords } from "./spec-words.ts";

/**
 * Which transforms: as text (`rotation`, `rotation:15,30`, `a+b` for a union, `a/b` for a then b, a module's path)
 * or, in a file, as a record of one key (`{ rotation: { degrees: [15, 30] } }`, `{ union: [spec, spec] }`,
 * `{ compose: [spec, spec] }`). See docs/families.md.
 */
export type FamilySpec = string | { readonly [key: string]: unknown };

/** A specification in its one normal form: equal ones have equal JSON. */
export type ParsedSpec =
  | { readonly family: FamilyName; readonly options: FamilyOptions }
  | { readonly module: string; readonly options: FamilyOptions }
  | { readonly union: readonly ParsedSpec[] }
  | { readonly compose: readonly ParsedSpec[] };

/** JSON-like, its keys sorted. */
export type FamilyOptions = Readonly<Record<string, unknown>>;

/** @throws UsageError that says what is wrong, and lists the choices */
export function parseSpec(spec: unknown): ParsedSpec {
  if (typeof spec === "string") return parseText(spec);
  if (!isRecord(spec)) {
    throw new UsageError(`${shown(spec)} is no family of transforms. ${howTo()}`);
  }
  const entries = Object.entries(spec);
  if (entries.length !== 1) {
    const keys = entries.map(([key]) => key).join(", ") || "none";
    throw new UsageError(`A family of transforms is a record of one key; this one has: ${keys}. ${howTo()}`);
  }
  const [[key, value]] = entries;
  if (key === "union" || key === "compose") {
    if (!Array.isArray(value) || value.length < 2) {
      throw new UsageError(`"${key}" takes a list of two families or more, not ${shown(value)}.`);
    }
    const parts = value.map(parseSpec);
    return key === "union" ? { union: parts } : { compose: parts };
  }
  if (isModulePath(key)) return { module: key, options: recordIn(key, value) };
  const family = checkedName(key);
  return {
    family,
    options: Array.isArray(value) ? listOption(family, value) : checkedOptions(family, value),
  };
}

/** `a+b/c`: the composition binds tighter. */
function parseText(text: string): ParsedSpec {
  const terms = partsOf(text, "+").map((term) => {
    // Before the steps are parted: a path has slashes of its own.
    const [, path, words] = /^(.*?\.[cm]?[jt]s)(?::(.*))?$/s.exec(term) ?? [];
    if (path !== undefined) return { module: path, options: ofModule(term, words) };
    const steps = stepsOf(term).map(parseStep);
    return steps.length === 1 ? steps[0] : { compose: steps };
  });
  return terms.length === 1 ? terms[0] : { union: terms };
}

const partsOf = (text: string, sign: string): string[] => text.split(sign).map((part) => part.trim());

/** `./mine.mjs:thresholds=0.5,0.6`: what kinds the options are of is known when the module is loaded. */
const ofModule = (text: string, words: string | undefined): FamilyOptions =>
  words === undefined
    ? {}
    : recordIn(
        text,
        ofModuleWords(
          text,
          words.split(",").map((word) => word.trim()),
        ),
      );

const ofModuleWords = (text: string, words: readonly string[]) =>
  rangeWords(text, words) ?? optionsOfWords(text, words, { family: text, table: {}, list: undefined });

/** What is composed: `a/b` is two steps, `corruptions/fog:3` one. */
function stepsOf(term: string): string[] {
  const steps: string[] = [];
  for (const part of partsOf(term, "/")) {
    if (corruptionSets.has(steps.at(-1) ?? "")) steps.push(`${steps.pop()}/${part}`);
    else steps.push(part);
  }
  return steps;
}

/** Families whose members can be named behind a slash. */
const corruptionSets: ReadonlySet<string> = new Set([
  "corruptions",
  "corruptions-cifar",
  "corruptions-mnist",
] satisfies FamilyName[]);

/** `rotation`, `rotation:15,30`, `corruptions/fog:3`, and with options `rotation:15,30,reflect`, `noise:0.2,seed=7`. */
function parseStep(text: string): ParsedSpec {
  const [path, values] = text.split(/:(.*)/s);
  const [name, corruption] = path.split("/");
  const family = checkedName(name);
  if (corruption !== undefined) {
    const words = values?.split(",").map((value) => value.trim()) ?? [];
    const more = ofWords(text, family, words);
    return { family, options: checkedOptions(family, { ...more, names: [corruption] }) };
  }
  if (values === undefined) return { family, options: {} };
  const words = values.split(",").map((value) => value.trim());
  const inRange = rangeWords(text, words, optionsOf(family));
  return { family, options: checkedOptions(family, inRange ?? ofWords(text, family, words)) };
}

const ofWords = (text: string, family: FamilyName, words: readonly string[]): Record<string, unknown> =>
  optionsOfWords(text, words, { family, table: optionsOf(family), list: listOptionOf(family) });

/** Whether it names a file of JavaScript or TypeScript. */
const isModulePath = (text: string): boolean => /\.[cm]?[jt]s$/.test(text);

function checkedName(name: string): FamilyName {
  if (Object.hasOwn(families, name)) return name as FamilyName;
  throw new UsageError(`Unknown transform family "${name}". ${howTo()}${didYouMean(name)}`);
}

function didYouMean(name: string): string {
  const near = nearestName(name, Object.keys(families));
  return near === undefined ? "" : ` Did you mean "${near}"?`;
}

function listOption(family: FamilyName, values: readonly unknown[]): FamilyOptions {
  const option = listOptionOf(family);
  if (option === undefined) {
    throw new UsageError(`The family "${family}" takes no list of values. ${choicesOf(family)}`);
  }
  return checkedOptions(family, { [option]: values });
}

function checkedOptions(family: FamilyName, value: unknown): FamilyOptions {
  const given = recordIn(family, value);
  const options = Object.hasOwn(given, "range") ? withLists(optionsOf(family), given) : given;
  const rows = isRangedName(family) ? { ...optionsOf(family), ...rangedRows } : optionsOf(family);
  if (Object.hasOwn(options, "range") && !Object.hasOwn(rows, "range")) throw noRange(family);
  for (const [option, given] of Object.entries(options)) {
    if (!Object.hasOwn(rows, option)) {
      throw new UsageError(`The family "${family}" has no option "${option}". ${choicesOf(family)}`);
    }
    if (!takes(rows[option], given)) {
      const { needed } = rows[option];
      throw new UsageError(`"${option}" of the family "${family}" must be ${needed}; it is ${shown(given)}.`);
    }
  }
  return options;
}

const choicesOf = (family: FamilyName): string =>
  `Its options: ${Object.keys(optionsOf(family)).join(", ") || "none"}.`;

/** A record with its keys sorted; nothing, as YAML reads `rotation:`, is an empty one. */
function recordIn(key: string, value: unknown): FamilyOptions {
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new UsageError(`"${key}" takes a record of options, not ${shown(value)}.`);
  }
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const howTo = (): string =>
  `Choose one of: ${Object.keys(families).join(", ")}; or give the path of a module (.mjs, .js, .ts), ` +
  `a+b for a union, a/b for a composition.`;

const shown = (value: unknown): string =>
  typeof value === "object" && value !== null && !isPlain(value)
    ? inWords(value)
    : (json(value) ?? inWords(value));

const isPlain = (value: object): boolean => Array.isArray(value) || isRecord(value);

/** A value as a file would have it; undefined for one that no file can hold. */
function json(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
