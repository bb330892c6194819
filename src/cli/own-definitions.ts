import { type FitOptions, loadGradients, namedOrLoaded } from "../api/index.ts";
import type { LossName, MethodName, RegularizerName } from "../align/index.ts";
import type { OptimizerName } from "../train/index.ts";

/** What the options name or, where they are modules of a user's own, define. */
export type OwnDefinitions = Required<
  Pick<FitOptions, "method" | "regularizer" | "optimizer" | "loss" | "gradients">
>;

/** Names, or modules in their place. */
interface DefinitionFlags {
  readonly method: MethodName;
  readonly regularizer: RegularizerName;
  readonly optimizer: OptimizerName;
  readonly loss: LossName;
  readonly gradients?: string;
}

/** Options whose value may be a module, and those that are modules throughout. */
export const ofModules = ["method", "regularizer", "optimizer", "loss"] as const;

/** @throws UsageError for modules that cannot be used */
export async function loadDefinitions(flags: DefinitionFlags): Promise<OwnDefinitions> {
  return {
    method: await namedOrLoaded("method", flags.method),
    regularizer: await namedOrLoaded("regularizer", flags.regularizer),
    optimizer: await namedOrLoaded("optimizer", flags.optimizer),
    loss: await namedOrLoaded("loss", flags.loss),
    gradients: (await Promise.all(gradientModules(flags).map((path) => loadGradients(path)))).flat(),
  };
}

const gradientModules = ({ gradients = "" }: DefinitionFlags): string[] =>
  gradients
    .split(",")
    .map((path) => path.trim())
    .filter((path) => path !== "");
