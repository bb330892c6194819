/** Whether each kind's files go through undamaged: a suite that fails at the first stage tries nothing. */
import { kinds } from "./kinds/index.ts";
import type { Child } from "./pool.ts";

/** @returns a sentence for each stage of an undamaged file that gives no result */
export async function undamagedProblems(names: readonly string[], child: Child): Promise<string[]> {
  const problems: string[] = [];
  for (const kind of names) {
    for (let base = 0; base < kinds.get(kind)!.bases; base++) {
      const { walk, failure } = await child.run({ kind, plan: { base, layer: 0, edits: [] } });
      const bad = Object.entries(walk).filter(([, word]) => word !== "result");
      if (failure !== null) problems.push(`${kind} ${base}: ${failure}`);
      else if (bad.length > 0) problems.push(`${kind} ${base}: ${JSON.stringify(walk)}`);
      else if (Object.keys(walk).length === 0) problems.push(`${kind} ${base}: nothing was tried.`);
    }
  }
  return problems;
}
