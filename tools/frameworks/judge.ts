import type { Row } from "./row.ts";

/** Three steps equal the framework's own to this share of a tensor's largest weight; predictions at home to that. */
export const NUMBERS = 1e-4;
export const HOME = 1e-5;

/**
 * Whether all that trains in the framework trains here (or BatchNormalization's folding took it, which a note said) and
 * nothing besides, with the framework's numbers, and comes home (or is refused there, where something was folded). A
 * refusal with a reason holds too, and so does what a note says before the training: nothing is wrong in silence.
 */
export function holds(row: Row): boolean {
  if (row.refused !== undefined) return true;
  // What a file cannot say or has lost, and what to do instead.
  if ((row.besides !== undefined || Array.isArray(row.trains)) && row.advice !== undefined) return true;
  const comesHome = row.home === "refused" || (typeof row.home === "number" && row.home < HOME);
  return (
    row.trains === "all" && row.besides === undefined && (row.numbers ?? Infinity) < NUMBERS && comesHome
  );
}
