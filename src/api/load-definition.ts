import { basename, resolve } from "node:path";
import {
  type Loss,
  type Method,
  type Regularizer,
  defineLoss,
  defineMethod,
  defineRegularizer,
} from "../align/index.ts";
import { type Gradient, defineGradient } from "../autodiff/index.ts";
import {
  type DefinitionSpec,
  checkString,
  isDefinitionSpec,
  isModuleSpec,
  isRecord,
  moduleOf,
  nearestName,
  parseModuleSpec,
  shown,
} from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type Optimizer, defineOptimizer } from "../train/index.ts";
import { loadModule } from "./load-module.ts";

/** What a module may define, by the word in `defines`. */
export interface Definitions {
  readonly gradient: Gradient;
  readonly loss: Loss;
  readonly method: Method;
  readonly optimizer: Optimizer;
  readonly regularizer: Regularizer;
}

const define: { readonly [Kind in keyof Definitions]: (given: never) => Definitions[Kind] } = {
  gradient: defineGradient,
  loss: defineLoss,
  method: defineMethod,
  optimizer: defineOptimizer,
  regularizer: defineRegularizer,
};

/**
 * A user's definition out of a module: its default export, or the one export that a `define…` function of this kind made, or
 * the export that is named. A function is called with the options, and gives a definition. See docs/plug-ins.md.
 *
 * @example
 * const regularizer = await loadDefinition("regularizer", "./mine.mjs#huber:delta=1");
 *
 * @param spec  the module's path; behind it `#name` for one of several exports, and `:option=value,…` for a function's; or
 *              `{ path: options }`
 * @param base  folder that the path starts from (default: the working directory)
 * @returns     the definition, which says the module's SHA-256
 * @throws UsageError for a module that cannot be used, or holds no such definition
 */
export async function loadDefinition<Kind extends keyof Definitions>(
  kind: Kind,
  spec: DefinitionSpec,
  base = ".",
): Promise<Definitions[Kind]> {
  if (!isDefinitionSpec(spec)) checkString("loadDefinition", "spec", spec, "the path of a module");
  if (!Object.hasOwn(define, kind)) {
    const kinds = Object.keys(define).join(", ");
    throw new UsageError(`loadDefinition knows no ${shown(kind)}. Choose one of: ${kinds}.`);
  }
  const { path, name, options } = moduleOf(spec);
  const { exports, sha256 } = await loadModule(kind, path, resolve(base, path));
  const chosen = chosenExport(kind, path, exports, name);
  const hasOptions = Object.keys(options).length > 0;
  const made = madeWith(kind, path, chosen, options);
  if (!isRecord(made)) {
    throw new UsageError(
      `${described(path, name)}, or what it returns, is no ${kind} but ${shown(made)}. ` +
        `Export what define${capital(kind)} makes.`,
    );
  }
  let definition: Definitions[Kind];
  try {
    definition = define[kind](made as never);
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new UsageError(`${described(path, name)} is no ${kind}. ${cause.message}`, { cause });
  }
  const modules = { [basename(path)]: sha256 };
  return Object.freeze({
    ...(definition as object),
    ...(hasOptions && { options }),
    modules,
  }) as Definitions[Kind];
}

/** All gradient rules of a module, or the one that is named. @throws UsageError as `loadDefinition` does */
export async function loadGradients(spec: string, base = "."): Promise<Gradient[]> {
  const { path, name } = parseModuleSpec(spec);
  if (name !== undefined) return [await loadDefinition("gradient", spec, base)];
  const { exports, sha256 } = await loadModule("gradient", path, resolve(base, path));
  const list = Array.isArray(exports.default) ? (exports.default as unknown[]) : Object.values(exports);
  const found = list.filter((value) => isOf("gradient", value)) as Gradient[];
  if (found.length === 0) return [await loadDefinition("gradient", spec, base)];
  const modules = { [basename(path)]: sha256 };
  return [...new Set(found)].map((each) => Object.freeze({ ...defineGradient(each), modules }));
}

/** A word of the command line or a study file: a name as it is, a definition for a module. */
export const namedOrLoaded = async <Kind extends keyof Definitions, Name extends string>(
  kind: Kind,
  word: Name,
  base = ".",
): Promise<Name | Definitions[Kind]> => (isModuleSpec(word) ? loadDefinition(kind, word, base) : word);

const isOf = (kind: string, value: unknown): boolean => isRecord(value) && value.defines === kind;

function chosenExport(
  kind: string,
  path: string,
  exports: Readonly<Record<string, unknown>>,
  name: string | undefined,
): unknown {
  const names = Object.keys(exports);
  if (name !== undefined) {
    if (Object.hasOwn(exports, name)) return exports[name];
    const near = nearestName(name, names);
    const hint = near ? `Did you mean "${near}"?` : `It exports: ${names.join(", ") || "nothing"}.`;
    throw new UsageError(`${path} has no export "${name}". ${hint}`);
  }
  const standard = exports.default;
  // One of another kind stands beside those of this one.
  const isOther = isRecord(standard) && typeof standard.defines === "string" && standard.defines !== kind;
  if (standard !== undefined && !isOther) return standard;
  const fitting = names.filter((each) => isOf(kind, exports[each]));
  if (fitting.length === 1) return exports[fitting[0]];
  if (fitting.length > 1) {
    throw new UsageError(
      `${path} defines several: ${fitting.join(", ")}. Name one behind a #, as in ${path}#${fitting[0]}.`,
    );
  }
  throw new UsageError(
    `${path} exports no ${kind} (${names.join(", ") || "nothing"}). Export what define${capital(kind)} makes, ` +
      `by default or by a name.`,
  );
}

function madeWith(kind: string, path: string, chosen: unknown, options: object): unknown {
  if (typeof chosen === "function") {
    try {
      return (chosen as (options: object) => unknown)(options);
    } catch (cause) {
      throw new UsageError(`The ${kind} of ${path} cannot be made: ${(cause as Error).message}`, { cause });
    }
  }
  const [stray] = Object.keys(options);
  if (stray === undefined) return chosen;
  throw new UsageError(
    `${path} takes no options, as its ${kind} is no function; given: ${Object.keys(options).join(", ")}.`,
  );
}

const described = (path: string, name: string | undefined): string =>
  name === undefined ? `The export of ${path}` : `The export "${name}" of ${path}`;

const capital = (word: string): string => word[0].toUpperCase() + word.slice(1);
