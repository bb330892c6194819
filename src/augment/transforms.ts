import { isRecord, refuse } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { checkFamily, familyAdvice, isFamily } from "./check-family.ts";
import { familyFromSpec, modulePaths } from "./family-spec.ts";
import type { TransformFamily } from "./family.ts";
import type { FamilySpec } from "./parse-spec.ts";

/** Which shifts: a family, or a specification of one that needs no module, as `"rotation:15,30"`. */
export type Transforms = TransformFamily | FamilySpec;

/**
 * The family that is meant.
 *
 * @param where  the function that takes it, for messages
 * @throws UsageError for what is neither a family nor a specification, and for one that names a module
 */
export function familyOf(where: string, transforms: Transforms): TransformFamily {
  if (isFamily(transforms)) {
    checkFamily(where, "transforms", transforms);
    return transforms;
  }
  if (typeof transforms !== "string" && !isRecord(transforms)) {
    const needed = "a family of transforms, or a specification of one";
    refuse(where, "transforms", transforms, needed, familyAdvice(transforms));
  }
  const [path] = modulePaths(transforms);
  if (path === undefined) return familyFromSpec(transforms);
  throw new UsageError(
    `The transforms of ${where} name the module ${path}. Load it first: await loadFamily(${JSON.stringify(transforms)}).`,
  );
}
