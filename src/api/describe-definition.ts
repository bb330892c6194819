import type { Definition } from "../options/index.ts";
import { sha256 } from "./manifest.ts";

/** A definition as data, for manifests and checkpoints: two that differ in what they do differ here, as far as can be told. */
export interface DescribedDefinition {
  readonly name: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** SHA-256 of its modules, by file name. */
  readonly modules?: Readonly<Record<string, string>>;
  /** SHA-256 of the text of its functions, where it came from no module. What they call is not in it. */
  readonly code?: string;
  /** What it says in words and numbers, as a method's views. */
  readonly [member: string]: unknown;
}

/** A name stays what it is. */
export function describeDefinition(given: string | Definition<string> | { readonly name: string }) {
  if (typeof given === "string") return given;
  const { modules, ...members } = given as Definition<string>;
  const data = Object.entries(members).filter(([, value]) => isData(value));
  const code = Object.entries(members)
    .flatMap(([name, value]: [string, unknown]) => (isFunction(value) ? `${name}: ${String(value)}` : []))
    .sort();
  const described: DescribedDefinition = {
    name: given.name,
    ...Object.fromEntries(data),
    ...(modules ? { modules } : { code: sha256(new TextEncoder().encode(code.join("\n"))) }),
  };
  return described;
}

const isFunction = (value: unknown): value is () => unknown => typeof value === "function";

/** What JSON holds as it is; a critic is an object of functions. */
const isData = (value: unknown): boolean =>
  typeof value !== "function" && JSON.stringify(value) !== undefined;
