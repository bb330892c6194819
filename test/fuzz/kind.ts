import type { Plan } from "./plan.ts";
import type { Walk } from "./road.ts";

/** Files by name; for a command line, its arguments too. */
export interface Damaged {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly args?: readonly string[];
}

/** A kind of input, and the road that it goes. */
export interface Kind {
  /** How many of a hundred cases are of this kind. */
  readonly share: number;
  /** How many files it begins with, for the check that undamaged ones go through. */
  readonly bases: number;
  /** The input of a case; without edits, the undamaged one. */
  damage(plan: Plan): Damaged | Promise<Damaged>;
  /**
   * Goes the user's road. The working directory is a new folder that holds the case's files.
   *
   * @throws what is neither a result nor a named error
   */
  walk(walk: Walk, damaged: Damaged, plan: Plan): Promise<void>;
}
