import { terminalTable } from "../report/index.ts";
import { type Study, planOf } from "../study/index.ts";
import { counted } from "./format.ts";

/** What a study would do: its columns by family with the λ to try, and how many runs that is. */
export function dryRun(study: Study, jobs: number): string {
  const plan = planOf(study);
  const rows = plan.map(({ family, column, candidates, fixedLambda }) => {
    const lambda = candidates.length > 0 ? candidates.map((each) => each.lambda).join(" | ") : fixedLambda;
    return [family, column.id, lambda === null ? "" : String(lambda), study.seeds.join(", ")];
  });
  const candidates = plan.flatMap((arm) => arm.candidates.flatMap(({ cells }) => cells.map(({ id }) => id)));
  // Before the choice any candidate stands for the chosen λ.
  const others = plan.flatMap((arm) =>
    arm.cellsAt(arm.candidates[0]?.lambda ?? arm.fixedLambda).map(({ id }) => id),
  );
  const trainings = new Set([...candidates, ...others]).size;
  const tests = plan.length * study.seeds.length;
  return [
    terminalTable(["family", "column", "λ", "seeds"], rows),
    `${counted(trainings, "training")} (${new Set(candidates).size} of them to choose λ), ${counted(tests, "test")}, ` +
      `${counted(study.epochs, "epoch")} each; ${counted(jobs, "process")} at a time.`.replace(
        "processs",
        "processes",
      ),
  ].join("\n");
}
