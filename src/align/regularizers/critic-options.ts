import { shown } from "../../options/index.ts";
import { UsageError } from "../../tensor/index.ts";

/** Options of the regularizers that train a critic beside the model. */
export interface CriticOptions {
  /** Updates of the critic for each step of the model. */
  steps?: number;
  /** Of the critic's own Adam (default 1e-3, with β₁ 0.5 and β₂ 0.9 as Gulrajani et al. 2017). */
  learningRate?: number;
  /** Width of its hidden layer (default 64). */
  hidden?: number;
}

/** The options with the regularizer's defaults filled in and values checked. @throws UsageError */
export function criticSettings(
  options: CriticOptions,
  defaults: { steps: number; learningRate: number },
): Required<CriticOptions> & { beta1: number; beta2: number } {
  const settings = {
    steps: options.steps ?? defaults.steps,
    learningRate: options.learningRate ?? defaults.learningRate,
    hidden: options.hidden ?? 64,
    beta1: 0.5,
    beta2: 0.9,
  };
  for (const key of ["steps", "hidden"] as const) {
    if (!Number.isInteger(settings[key]) || settings[key] < 1) {
      throw new UsageError(`The critic's ${key} must be a whole number of at least 1, not ${settings[key]}.`);
    }
  }
  if (!(settings.learningRate > 0) || !Number.isFinite(settings.learningRate)) {
    throw new UsageError(`The critic's learningRate must be above 0, not ${shown(settings.learningRate)}.`);
  }
  return settings;
}
