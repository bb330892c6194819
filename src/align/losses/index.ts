import { type OptionTable, checkOption, number } from "../../options/index.ts";
import { UsageError } from "../../tensor/index.ts";
import { defineLoss } from "../define-loss.ts";
import type { Loss, LossDefinition } from "../loss.ts";
import { crossEntropy } from "./cross-entropy.ts";
import { type FocalOptions, focal } from "./focal.ts";
import { sigmoid } from "./sigmoid.ts";

/** Options of all losses; one that the chosen loss does not take is an error. */
export type LossOptions = FocalOptions;

export const lossOptions = {
  gamma: number(
    { least: 0 },
    { description: "γ of the focal loss", default: 2, flag: "--focal-gamma <x>", alias: ["focalGamma"] },
  ),
} satisfies OptionTable<LossOptions>;

/** Losses by name. To add one: a small file, a row here, a fixture. */
export const losses = {
  crossEntropy: () => crossEntropy,
  focal,
  sigmoid: () => sigmoid,
} satisfies Record<string, (options?: LossOptions) => Loss>;

export type LossName = keyof typeof losses;

const optionsOf: Partial<Record<LossName, readonly (keyof LossOptions)[]>> = { focal: ["gamma"] };

/**
 * A loss by name, with these options, or as it is.
 *
 * @throws UsageError for an unknown name, an option it does not take, a bad value or no whole definition
 */
export function lossOf(given: string | LossDefinition, options: LossOptions = {}): Loss {
  const values = Object.entries(options).filter(([, value]) => value !== undefined);
  const made = typeof given === "string" ? null : defineLoss(given);
  const name = typeof given === "string" ? given : given.name;
  if (!made && !Object.hasOwn(losses, name)) {
    throw new UsageError(`Unknown loss "${name}". Choose one of: ${Object.keys(losses).join(", ")}.`);
  }
  const taken: readonly string[] = made ? [] : (optionsOf[name as LossName] ?? []);
  for (const [key, value] of values) {
    if (!taken.includes(key)) {
      throw new UsageError(
        `The loss "${name}" takes no "${key}". It takes: ${taken.join(", ") || "no options"}.`,
      );
    }
    checkOption(`the loss "${name}"`, key, lossOptions[key as keyof LossOptions], value);
  }
  return made ?? losses[name as LossName](Object.fromEntries(values));
}
