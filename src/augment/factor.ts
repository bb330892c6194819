import { shown } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";

/**
 * Checks the factor of a family in which 1 is the identity.
 *
 * @param least  whether 0 leaves an image with something in it, as no saturation does and no brightness does not
 * @throws UsageError
 */
export function checkFactor(familyName: string, factor: number, least: "above 0" | "0 or more"): void {
  const enough = least === "above 0" ? factor > 0 : factor >= 0;
  if (enough && Number.isFinite(factor) && factor !== 1) return;
  throw new UsageError(
    `${shown(factor)} is not a factor of family "${familyName}". Give a finite number, ${least}, other than 1: ` +
      `the identity is a member of every family already.`,
  );
}
