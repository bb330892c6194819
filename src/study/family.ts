import { type FamilySpec, familyFromSpec, modulePaths, specName } from "../augment/index.ts";
import { UsageError } from "../tensor/index.ts";

/** A transform family as a study file writes it. */
export type FamilyEntry = FamilySpec;

/** What an entry is called in tables and file names. */
export const familyNameOf = (entry: FamilyEntry): string => specName(entry);

/** What is wrong with an entry; null when nothing is, as far as can be told without reading the modules it names. */
export function familyProblem(entry: unknown): string | null {
  try {
    if (modulePaths(entry as FamilyEntry).length === 0) familyFromSpec(entry as FamilyEntry);
    return null;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}
