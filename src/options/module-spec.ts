import { UsageError } from "../tensor/index.ts";

/** A definition in a user's module, as a command line or a study file writes it. */
export interface ModuleSpec {
  /** Of a file of JavaScript or TypeScript. */
  readonly path: string;
  /** Which of its exports; undefined for the one that there is. */
  readonly name?: string;
  /** What its function is given. */
  readonly options: Readonly<Record<string, number | boolean | string>>;
}

const form = /^(?<path>[^#]*\.[cm]?[jt]s)(?:#(?<name>[\w$]+))?(?::(?<options>.*))?$/s;

/** Whether it names a module, with what may stand behind it: `./mine.mjs`, `./mine.mjs#huber:delta=1`. */
export const isModuleSpec = (text: unknown): text is string => typeof text === "string" && form.test(text);

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
