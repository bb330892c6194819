import { UsageError } from "../tensor/index.ts";
import { checkFamily } from "./check-family.ts";
import type { TransformFamily } from "./family.ts";
import { joined } from "./joined.ts";
import { refuseRanges } from "./ranges/ranged-family.ts";

/**
 * All members of all families, under their own names and with their own parameters; the identity once.
 *
 * @throws UsageError for fewer than two families, or when two of them have a member of the same name
 */
export function union(...families: readonly TransformFamily[]): TransformFamily {
  families.forEach((each, i) => checkFamily("union", `family ${i + 1}`, each));
  if (families.length < 2) {
    throw new UsageError(`A union needs two families or more; ${families.length} was given.`);
  }
  refuseRanges("A union", families);
  return joined(
    families,
    "+",
    families.flatMap(({ members }) => members.slice(1)),
  );
}
