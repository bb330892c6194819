import { type TransformFamily, familyByName } from "../augment/index.ts";

/** A transform family as a study file writes it. */
export type FamilyEntry = string;

/** The family that an entry of `families` means. @throws UsageError with the choices */
export const familyOf = (entry: FamilyEntry): TransformFamily => familyByName(entry);

/** What an entry is called in tables and file names. */
export const familyNameOf = (entry: FamilyEntry): string => entry;
