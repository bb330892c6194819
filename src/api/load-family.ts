import { basename, extname, resolve } from "node:path";
import { z } from "zod";
import {
  type FamilyModule,
  type FamilySpec,
  type ImageFunction,
  type TransformFamily,
  checkSpec,
  customFamily,
  familyFromSpec,
  fittedTo,
  isMaker,
  modulePaths,
} from "../augment/index.ts";
import { checkString } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { loadModule } from "./load-module.ts";

/**
 * The family that a specification describes, with the user's own modules that it names. A module's default export is a
 * record of functions, from images to new images, by the members' names; or a whole TransformFamily; or a function of
 * the specification's options that returns one of these. See docs/families.md.
 *
 * @param base  folder that the paths of modules start from (default: the working directory)
 * @throws UsageError for a specification that `familyFromSpec` rejects, or a module that cannot be used
 */
export async function loadFamily(spec: FamilySpec, base = "."): Promise<TransformFamily> {
  checkSpec("loadFamily", spec);
  checkString("loadFamily", "base", base, "the path of a folder");
  const modules = new Map<string, FamilyModule>();
  for (const path of modulePaths(spec)) modules.set(path, await familyModule(path, resolve(base, path)));
  return familyFromSpec(spec, modules);
}

async function familyModule(path: string, file: string): Promise<FamilyModule> {
  const { exports, sha256: hash } = await loadModule("transforms", path, file);
  const exported = exports.default;
  return (options) => {
    let made = exported;
    if (typeof exported === "function") {
      try {
        made = isMaker(exported)
          ? exported(fittedTo(exported.options, options))
          : (exported as (options: object) => unknown)(options);
      } catch (cause) {
        throw new UsageError(`The transforms ${path} cannot be made: ${(cause as Error).message}`, { cause });
      }
    } else if (Object.keys(options).length > 0) {
      throw new UsageError(
        `${path} takes no options, as its default export is no function; given: ${Object.keys(options).join(", ")}.`,
      );
    }
    return { ...asFamily(path, made), modules: { [path]: hash } };
  };
}

const isFunction = (value: unknown): value is ImageFunction => typeof value === "function";

const functions = z.record(z.string(), z.custom<ImageFunction>(isFunction, "must be a function"));

const wholeFamily = z.object({
  name: z.string().min(1),
  unit: z.string(),
  members: z
    .array(
      z.object({
        name: z.string().min(1),
        parameters: z.record(z.string(), z.number()),
        apply: z.custom<TransformFamily["members"][number]["apply"]>(isFunction, "must be a function"),
      }),
    )
    .min(2, "must be the identity and one transform or more")
    .refine(([first]) => first?.name === "identity", "must begin with the identity")
    .refine(
      (members) => new Set(members.map(({ name }) => name)).size === members.length,
      "must differ in name",
    ),
});

function asFamily(path: string, made: unknown): TransformFamily {
  const isWhole = typeof made === "object" && made !== null && "members" in made && !isFunction(made.members);
  const checked = (isWhole ? wholeFamily : functions).safeParse(made);
  if (!checked.success) {
    const faults = checked.error.issues.map(({ path: at, message }) => `${at.join(".") || "it"}: ${message}`);
    throw new UsageError(
      `The default export of ${path}, or what it returns, is no family of transforms (${faults.join("; ")}). ` +
        `Export a record of functions from images to new images, by the members' names.`,
    );
  }
  // Not the checked copy: its methods would lose what they belong to.
  if (isWhole) return made as TransformFamily;
  return customFamily(basename(path, extname(path)), made as Record<string, ImageFunction>);
}
