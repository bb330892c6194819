/** One case, in this process. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isNamed } from "./judge.ts";
import type { Damaged } from "./kind.ts";
import { kinds } from "./kinds/index.ts";
import type { Plan } from "./plan.ts";
import type { Walk } from "./road.ts";

export interface Case {
  readonly kind: string;
  readonly plan: Plan;
}

export interface Ending {
  /** What became of each stage. */
  readonly walk: Walk;
  /** What is neither a result nor a named error; null where there is no such thing. */
  readonly failure: string | null;
}

/** @param folder  for the case's files; emptied before and removed after it */
export async function runCase({ kind, plan }: Case, folder: string): Promise<Ending> {
  const walk: Walk = {};
  try {
    const road = kinds.get(kind)!;
    const damaged = await road.damage(plan);
    rmSync(folder, { recursive: true, force: true });
    save(damaged, folder);
    process.chdir(folder);
    await road.walk(walk, damaged, plan);
    return { walk, failure: null };
  } catch (error) {
    return { walk, failure: isNamed(error) ? null : described(error) };
  } finally {
    process.chdir("/");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes a case's files; of a command line, a file of its arguments too. */
export function save({ files, args }: Damaged, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  if (args) writeFileSync(join(folder, "arguments.json"), JSON.stringify(args));
}

export function described(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  const stack = (error.stack ?? String(error)).split("\n").slice(0, 12).join("\n");
  return error.cause instanceof Error ? `${stack}\ncaused by ${described(error.cause)}` : stack;
}
