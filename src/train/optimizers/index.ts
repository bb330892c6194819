import { checkOption } from "../../options/index.ts";
import { UsageError } from "../../tensor/index.ts";
import { defineOptimizer } from "../define-optimizer.ts";
import type { Optimizer, OptimizerDefinition } from "../optimizer.ts";
import { type AdamOptions, adam, adamW } from "./adam.ts";
import { optimizerOptions } from "./optimizer-options.ts";
import { type SgdOptions, sgd } from "./sgd.ts";

/** Options of all optimizers; one that the chosen optimizer does not take is an error. */
export type OptimizerOptions = SgdOptions & AdamOptions;

const adamKeys = ["beta1", "beta2", "epsilon", "weightDecay"] as const;

/** Optimizers by name, and the options that each takes. */
export const optimizers = {
  sgd: { create: sgd, options: ["momentum", "nesterov", "weightDecay"] },
  adam: { create: adam, options: adamKeys },
  adamw: { create: adamW, options: adamKeys },
} as const satisfies Record<
  string,
  { create: (options: OptimizerOptions) => Optimizer; options: readonly (keyof OptimizerOptions)[] }
>;

export type OptimizerName = keyof typeof optimizers;

/**
 * An optimizer by name, with these options, or as it is.
 *
 * @throws UsageError as `optimizerByName` does; for no whole definition, or options beside one
 */
export function optimizerOf(given: string | OptimizerDefinition, options: OptimizerOptions = {}): Optimizer {
  if (typeof given === "string") return optimizerByName(given, options);
  const made = defineOptimizer(given);
  const [stray] = Object.keys(options).filter((key) => options[key as keyof OptimizerOptions] !== undefined);
  if (stray === undefined) return made;
  throw new UsageError(
    `optimizerOptions are of the optimizers that are named; "${made.name}" is one as it is, and "${stray}" would be ` +
      `ignored. Make the optimizer with what it needs, and leave ${stray} out.`,
  );
}

/** The optimizer of that name. @throws UsageError for an unknown name, an option it does not take, or a bad value */
export function optimizerByName(name: string, options: OptimizerOptions = {}): Optimizer {
  if (!Object.hasOwn(optimizers, name)) {
    throw new UsageError(
      `Unknown optimizer "${name}". Choose one of: ${Object.keys(optimizers).join(", ")}.`,
    );
  }
  const { create, options: taken } = optimizers[name as OptimizerName];
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [key, value] of given) {
    if (!(taken as readonly string[]).includes(key)) {
      throw new UsageError(`The optimizer "${name}" takes no "${key}". It takes: ${taken.join(", ")}.`);
    }
    checkOption(`the optimizer "${name}"`, key, optimizerOptions[key as keyof OptimizerOptions], value);
  }
  return create(Object.fromEntries(given));
}
