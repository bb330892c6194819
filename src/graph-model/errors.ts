import { type LayerProblem, listOfProblems } from "../keras/index.ts";
import { AlignregError } from "../tensor/index.ts";

/** What to do about a graph that cannot be converted, a sentence. */
const ADVICE =
  `Give what it was made of: the Keras model as model.save("net.keras") writes it, or its SavedModel by python -m ` +
  `tf2onnx.convert --saved-model FOLDER --output net.onnx.`;

/** Operators of a graph model that have no counterpart here; all of them, not the first. */
export class UnsupportedOperatorsError extends AlignregError {
  /** By node (`layer`) and operator (`className`). */
  readonly problems: readonly LayerProblem[];

  constructor(model: string, problems: readonly LayerProblem[]) {
    const shown = problems.slice(0, MOST);
    const rest = problems.length - shown.length;
    const title = `The graph model ${model} has operators that cannot be converted:`;
    super(`${listOfProblems(title, shown)}\n${rest > 0 ? `… and ${rest} more. ` : ""}${ADVICE}`, {
      isLaidOut: true,
    });
    this.problems = problems;
  }
}

/** Problems that a message lists. */
const MOST = 20;
