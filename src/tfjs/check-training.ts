import { type LayerCall, listOfProblems, trainingProblems } from "../keras/index.ts";
import { UsageError } from "../tensor/index.ts";

/** @throws UsageError that lists every layer which TensorFlow.js would train otherwise than we do */
export function checkTraining(model: string, calls: readonly LayerCall[]): void {
  const problems = trainingProblems(calls);
  if (problems.length === 0) return;
  throw new UsageError(
    listOfProblems(
      `The model "${model}" has layers that would train otherwise than in TensorFlow.js:`,
      problems,
    ),
    { isLaidOut: true },
  );
}
