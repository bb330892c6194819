import { kindOf, refuse } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { compose } from "./compose.ts";
import { families } from "./families.ts";
import type { TransformFamily } from "./family.ts";
import { type FamilyOptions, type FamilySpec, type ParsedSpec, parseSpec } from "./parse-spec.ts";
import { checkSpec } from "./check-spec.ts";
import { type RangedName, type RangedOptions, ranged } from "./ranges/ranged.ts";
import { union } from "./union.ts";

/** A user's module, loaded: its family with these options. */
export type FamilyModule = (options: FamilyOptions) => TransformFamily;

/**
 * The family that a specification describes.
 *
 * @param modules  those that it names, by their paths as it writes them; see `modulePaths`
 * @throws UsageError for unknown names, options and values, with the choices
 */
export function familyFromSpec(
  spec: FamilySpec,
  modules: ReadonlyMap<string, FamilyModule> = new Map(),
): TransformFamily {
  checkSpec("familyFromSpec", spec);
  if (!(modules instanceof Map) && kindOf(modules) !== "Map") {
    refuse("familyFromSpec", "modules", modules, "a Map of loaded modules by path");
  }
  const build = (parsed: ParsedSpec): TransformFamily => {
    if ("union" in parsed) return union(...parsed.union.map(build));
    if ("compose" in parsed) return compose(...parsed.compose.map(build));
    // The parser has checked the options against the table of their kinds.
    if ("family" in parsed && "range" in parsed.options)
      return ranged(parsed.family as RangedName, parsed.options as RangedOptions);
    if ("family" in parsed) return (families[parsed.family] as FamilyModule)(parsed.options);
    const make = modules.get(parsed.module);
    if (make) return make(parsed.options);
    throw new UsageError(`The transforms of ${parsed.module} are not loaded. Read the file first.`);
  };
  return build(parseSpec(spec));
}

/**
 * The specification that makes a family again, for a file; undefined where functions of a user's own are in it, or members were
 * put into it or taken out by hand.
 */
export function specOf({ spec, members, madeBy = [] }: TransformFamily): TransformFamily["spec"] {
  const builtIn: readonly object[] = Object.values(families);
  if (spec === undefined || !madeBy.every((maker) => builtIn.includes(maker))) return undefined;
  const named = (all: TransformFamily["members"]) =>
    JSON.stringify(all.map(({ name, parameters }) => [name, parameters]));
  return named(familyFromSpec(spec).members) === named(members) ? spec : undefined;
}

/** The paths of the modules that a specification names, each once. @throws UsageError as `parseSpec` does */
export function modulePaths(spec: FamilySpec): string[] {
  const pathsIn = (parsed: ParsedSpec): string[] => {
    if ("module" in parsed) return [parsed.module];
    if ("family" in parsed) return [];
    return ("union" in parsed ? parsed.union : parsed.compose).flatMap(pathsIn);
  };
  return [...new Set(pathsIn(parseSpec(spec)))];
}

/**
 * A specification as a short name that may be part of a file's: `rotation-degrees=15,30+contrast`, `blur-then-noise`.
 * Equal ones have equal names; of a module's path only the file's name is left, so hash `parseSpec` to tell all apart.
 *
 * @throws UsageError as `parseSpec` does
 */
export function specName(spec: FamilySpec): string {
  checkSpec("specName", spec);
  const nameOf = (parsed: ParsedSpec): string => {
    if ("union" in parsed) return parsed.union.map(nameOf).join("+");
    if ("compose" in parsed) {
      return parsed.compose
        .map((step) => ("union" in step ? `(${nameOf(step)})` : nameOf(step)))
        .join("-then-");
    }
    const name = "family" in parsed ? parsed.family : parsed.module.replace(/^.*[\\/]|\.\w+$/g, "");
    const options = Object.entries(parsed.options).map(
      ([option, value]) => `-${option}=${JSON.stringify(value).replaceAll(/[[\]{}"]/g, "")}`,
    );
    return (name + options.join("")).replace(/[^\w.,=+()-]/g, "_");
  };
  return nameOf(parseSpec(spec));
}
