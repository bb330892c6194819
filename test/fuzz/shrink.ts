/** The least damage that still fails, found by fast-check. */
import * as fc from "fast-check";
import type { Child } from "./pool.ts";
import { type Plan, plans } from "./plan.ts";

/** Runs that shrinking may take. */
const RUNS = 100;

/** @returns the way that fast-check went from the seed's plan to the smallest one, and the plan */
export async function smallest(
  kind: string,
  seed: number,
  child: Child,
): Promise<{ readonly path: string; readonly plan: Plan | null }> {
  let runs = 0;
  const property = fc.asyncProperty(plans, async (plan) => {
    if (runs++ > RUNS) return true;
    return (await child.run({ kind, plan })).failure === null;
  });
  const { counterexamplePath, counterexample } = await fc.check(property, { seed, numRuns: 1 });
  return { path: counterexamplePath ?? "0", plan: counterexample?.[0] ?? null };
}
