import { AlignregError } from "../tensor/index.ts";
import { terminalLine } from "../text/index.ts";

/** Why one layer of a model cannot be converted. */
export interface LayerProblem {
  readonly layer: string;
  readonly className: string;
  /** What is wrong and what to do, as a sentence. */
  readonly problem: string;
}

/** A message laid out in lines, one for each problem. */
export const listOfProblems = (title: string, problems: readonly LayerProblem[]): string =>
  [title, ...problems.map(({ layer, className, problem }) => `  "${layer}" (${className}): ${problem}`)]
    .map(terminalLine)
    .join("\n");

/** Layers of a model that have no counterpart here; all of them, not the first. */
export class UnsupportedLayerError extends AlignregError {
  readonly problems: readonly LayerProblem[];

  /**
   * @param advice  what to do about them, a sentence
   */
  constructor(
    model: string,
    problems: readonly LayerProblem[],
    supported: readonly string[],
    advice = "Replace them.",
  ) {
    super(
      `${listOfProblems(`The model "${model}" has layers that cannot be converted:`, problems)}\n` +
        `${advice} Supported layers: ${supported.join(", ")}.`,
      { isLaidOut: true },
    );
    this.problems = problems;
  }
}
