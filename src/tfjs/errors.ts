import { AlignregError } from "../tensor/index.ts";

/** Why one layer of a model cannot be converted. */
export interface LayerProblem {
  readonly layer: string;
  readonly className: string;
  /** What is wrong and what to do, as a sentence. */
  readonly problem: string;
}

/** Layers of a TensorFlow.js model that have no counterpart here; all of them, not the first. */
export class UnsupportedLayerError extends AlignregError {
  readonly problems: readonly LayerProblem[];

  constructor(model: string, problems: readonly LayerProblem[], supported: readonly string[]) {
    const lines = problems.map(({ layer, className, problem }) => `  "${layer}" (${className}): ${problem}`);
    super(
      `The model "${model}" has layers that cannot be converted:\n${lines.join("\n")}\n` +
        `Replace them, or train the model in a loop of your own with alignmentLoss. ` +
        `Supported layers: ${supported.join(", ")}.`,
    );
    this.problems = problems;
  }
}
