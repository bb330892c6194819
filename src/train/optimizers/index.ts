import { checkOption } from "../../options/index.ts";
import { UsageError } from "../../tensor/index.ts";
import { defineOptimizer } from "../define-optimizer.ts";
import type { Optimizer, OptimizerDefinition } from "../optimizer.ts";
import { adagrad } from "./adagrad.ts";
import { adam, adamW } from "./adam.ts";
import { lion } from "./lion.ts";
import { nadam } from "./nadam.ts";
import { type OptimizerOptions, optimizerOptions } from "./optimizer-options.ts";
import { rmsprop } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";

export type { OptimizerOptions } from "./optimizer-options.ts";

const adamKeys = ["beta1", "beta2", "epsilon", "weightDecay"] as const;

/** Optimizers by name, and the options that each takes. */
export const optimizers = {
  sgd: { create: sgd, options: ["momentum", "nesterov", "weightDecay"] },
  adam: { create: adam, options: adamKeys },
  adamw: { create: adamW, options: adamKeys },
  rmsprop: { create: rmsprop, options: ["alpha", "epsilon", "momentum", "centered", "weightDecay"] },
  adagrad: { create: adagrad, options: ["epsilon", "weightDecay"] },
  nadam: { create: nadam, options: [...adamKeys, "momentumDecay"] },
  lion: { create: lion, options: ["beta1", "beta2", "weightDecay"] },
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
