import { UsageError } from "../tensor/index.ts";
import type { TransformFamily } from "./family.ts";
import { rotation } from "./rotation.ts";

/** Every family that can be named, with its default members. */
export const families = { rotation } satisfies Record<string, () => TransformFamily>;

export type FamilyName = keyof typeof families;

/** The family of that name with its default members. @throws UsageError that lists the names */
export function familyByName(name: string): TransformFamily {
  if (!Object.hasOwn(families, name)) {
    throw new UsageError(
      `Unknown transform family "${name}". Choose one of: ${Object.keys(families).join(", ")}.`,
    );
  }
  return families[name as FamilyName]();
}
