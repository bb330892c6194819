/**
 * What a case is: numbers alone, which each kind reads as a file to begin with and damage to do to it. So every kind shares one
 * generator, a case travels to another process as JSON, and it shrinks to less damage at earlier places.
 */
import * as fc from "fast-check";

/** How, where and with what something is damaged; each number is taken modulo the choices that there are. */
export type Edit = readonly [how: number, where: number, what: number];

export interface Plan {
  /** Which of a kind's files. */
  readonly base: number;
  /** At which level: the bytes, what they hold, and the like. */
  readonly layer: number;
  readonly edits: readonly Edit[];
}

const number = fc.nat(2 ** 30);

/** Most cases have little wrong with them: those get furthest. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  base: number,
  layer: number,
  edits: fc.array(fc.tuple(number, number, number), { minLength: 1, maxLength: 4 }),
});

/** The plan of a seed. */
export const planOf = (seed: number): Plan => fc.sample(plans, { seed, numRuns: 1 })[0];

export const pick = <Item>(items: readonly Item[], n: number): Item => items[n % items.length];
