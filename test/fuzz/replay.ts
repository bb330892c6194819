/** One case again, as a failure printed it. */
import * as fc from "fast-check";
import { again } from "./fuzz.ts";
import type { Settings } from "./fuzz.ts";
import { kinds } from "./kinds/index.ts";
import { Child, megabytes } from "./pool.ts";
import { type Plan, plans } from "./plan.ts";
import { save } from "./run-case.ts";

interface Replay extends Settings {
  readonly kind: string;
  /** Fast-check's, as `0` for the seed's own plan. */
  readonly path: string;
  /** Folder for the case's files. */
  readonly save: string | undefined;
}

/** Prints what becomes of the case. @returns the number of failures */
export async function replay({ kind, seed, path, limits, save: folder }: Replay): Promise<number> {
  const plan = planAt(seed, path);
  const damaged = await kinds.get(kind)!.damage(plan);
  if (folder !== undefined) save(damaged, folder);
  const child = new Child(limits);
  const { walk, failure, seconds, peak } = await child.run({ kind, plan });
  child.end();
  console.log(again(kind, seed, path));
  console.log(JSON.stringify(plan));
  console.log(
    `files: ${[...damaged.files].map(([name, bytes]) => `${name} (${bytes.length} bytes)`).join(", ") || "none"}`,
  );
  if (damaged.args) console.log(`arguments: ${JSON.stringify(damaged.args)}`);
  console.log(`${JSON.stringify(walk)}\n${seconds.toFixed(2)} s, ${megabytes(peak)} MB`);
  if (failure !== null) console.log(`FAILED\n${failure}`);
  return failure === null ? 0 : 1;
}

function planAt(seed: number, path: string): Plan {
  let found: Plan | null = null;
  fc.check(
    fc.property(plans, (plan) => {
      found ??= plan;
      return false;
    }),
    { seed, path, numRuns: 1, endOnFailure: true },
  );
  return found!;
}
