import { UsageError } from "../tensor/index.ts";
import { isOptions, shown } from "./shown.ts";

/** A definition in a user's module, as a command line or a study file writes it. */
export interface ModuleSpec {
  /** Of a file of JavaScript or TypeScript. */
  readonly path: string;
  /** Which of its exports; undefined for the one that there is. */
  readonly name?: string;
  /** What its function is given. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A definition in a user's module: as text, or by its path with a record of options, which may hold lists. */
export type DefinitionSpec = string | Readonly<Record<string, object>>;

const form = /^(?<path>[^#]*\.[cm]?[jt]s)(?:#(?<name>[\w$]+))?(?::(?<options>.*))?$/s;

/** Whether it names a module, with what may stand behind it: `./mine.mjs`, `./mine.mjs#huber:delta=1`. */
export const isModuleSpec = (text: unknown): text is string => typeof text === "string" && form.test(text);

/** Whether it is a module in either form. */
export const isDefinitionSpec = (value: unknown): value is DefinitionSpec =>
  isModuleSpec(value) ||
  (isOptions(value) && Object.keys(value).length === 1 && isModuleSpec(Object.keys(value)[0]));

/** The module of a definition. @throws UsageError for options that are none */
export function moduleOf(spec: DefinitionSpec): ModuleSpec {
  if (typeof spec === "string") return parseModuleSpec(spec);
  const [[path, options]] = Object.entries(spec);
  const parsed = parseModuleSpec(path);
  if (Object.keys(parsed.options).length > 0)
    throw new UsageError(`"${path}" has options in its name and beside it. Give them in one place.`);
  if (!isOptions(options)) {
    throw new UsageError(
      `The options of ${path} must be a mapping, not ${shown(options)}. Give { option: value }.`,
    );
  }
  return { ...parsed, options };
}

/** The same definition, in either form, as the same text. */
export function definitionSpecText(spec: DefinitionSpec): string {
  const { path, name, options } = moduleOf(spec);
  const pairs = Object.entries(options)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return path + (name === undefined ? "" : `#${name}`) + (pairs.length === 0 ? "" : `:${pairs.join(",")}`);
}

/** @throws UsageError for options that are none */
export function parseModuleSpec(text: string): ModuleSpec {
  const { path = text, name, options } = form.exec(text)?.groups ?? {};
  const pairs = options === undefined ? [] : options.split(",").map((pair) => pair.trim().split(/=(.*)/s));
  const wrong = pairs.find(([key, value]) => key === "" || value === undefined || value === "");
  if (wrong) {
    throw new UsageError(
      `"${text}" needs options as name=value behind the colon, with commas between, as in ./mine.mjs:delta=1.`,
    );
  }
  return { path, name, options: Object.fromEntries(pairs.map(([key, value]) => [key, valueOf(value)])) };
}

function valueOf(text: string): number | boolean | string {
  if (text === "true" || text === "false") return text === "true";
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}
