/** Many cases in child processes, and what became of them. */
import { kinds } from "./kinds/index.ts";
import { Child, type Limits, type Outcome } from "./pool.ts";
import { planOf } from "./plan.ts";
import { smallest } from "./shrink.ts";
import { Tally } from "./tally.ts";

export interface Settings {
  readonly cases: number;
  /** Of the first case; the next ones follow. */
  readonly seed: number;
  readonly kinds: readonly string[];
  readonly jobs: number;
  readonly limits: Limits;
}

/** Failures that are made smaller: it takes up to a hundred runs each. */
const SHRUNK = 12;

/** Runs cases and prints what failed, with the line that runs it again. @returns the number of failures */
export async function fuzz({ cases, seed, kinds: names, jobs, limits }: Settings): Promise<number> {
  const tally = new Tally();
  const failed: { kind: string; seed: number; outcome: Outcome }[] = [];
  const waiting = casesOf(names, cases, seed);
  const start = performance.now();
  await Promise.all(
    Array.from({ length: jobs }, async () => {
      const child = new Child(limits);
      for (let next = waiting.next(); !next.done; next = waiting.next()) {
        const one = next.value;
        const outcome = await child.run({ kind: one.kind, plan: planOf(one.seed) });
        tally.add(one.kind, outcome);
        if (outcome.failure === null) continue;
        failed.push({ ...one, outcome });
        console.log(`\nFAILED ${again(one.kind, one.seed, "0")}\n${outcome.failure}`);
      }
      child.end();
    }),
  );
  // One failure of each sort: the others are most likely the same.
  const sorts = new Map(failed.map((one) => [sortOf(one.outcome.failure!), one]));
  const child = new Child(limits);
  for (const one of [...sorts.values()].slice(0, SHRUNK)) {
    const { path, plan } = await smallest(one.kind, one.seed, child);
    console.log(`\nsmallest of its sort: ${again(one.kind, one.seed, path)}\n${JSON.stringify(plan)}`);
  }
  child.end();
  console.log(`\n${tally.stages()}\n${tally.table()}`);
  console.log(
    `${cases} cases, ${failed.length} failures of ${sorts.size} sorts, ${((performance.now() - start) / 1000).toFixed(0)} s`,
  );
  return failed.length;
}

export const again = (kind: string, seed: number, path: string): string =>
  `npm run fuzz -- --kind ${kind} --seed ${seed} --path ${path}`;

/** Kinds take turns by their shares, so that a run that is stopped has tried them all. */
function* casesOf(names: readonly string[], cases: number, seed: number) {
  const shares = names.map((name) => kinds.get(name)!.share);
  const whole = shares.reduce((a, b) => a + b, 0);
  const done = names.map(() => 0);
  for (let i = 0; i < cases; i++) {
    const behind = shares.map((share, k) => (share * (i + 1)) / whole - done[k]);
    const k = behind.indexOf(Math.max(...behind));
    done[k]++;
    yield { kind: names[k], seed: seed + i };
  }
}

/** The place that failed, without values. */
export const sortOf = (failure: string): string =>
  (/\bat .*/.exec(failure)?.[0] ?? failure).slice(0, 200) + (/^\w+/.exec(failure)?.[0] ?? "");
