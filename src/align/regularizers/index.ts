import { UsageError } from "../../tensor/index.ts";
import { defineRegularizer } from "../define-regularizer.ts";
import type { Regularizer, RegularizerDefinition } from "../regularizer.ts";
import { barlow } from "./barlow.ts";
import { cosine } from "./cosine.ts";
import type { CriticOptions } from "./critic-options.ts";
import { dair } from "./dair.ts";
import { discriminator } from "./discriminator.ts";
import { js } from "./js.ts";
import { kl } from "./kl.ts";
import { l1 } from "./l1.ts";
import { l2 } from "./l2.ts";
import { mmd } from "./mmd.ts";
import { squaredL2 } from "./squared-l2.ts";
import { vicreg } from "./vicreg.ts";
import { type WassersteinOptions, wasserstein } from "./wasserstein.ts";

/** Options of all regularizers; one that the chosen regularizer does not take is an error. */
export type RegularizerOptions = CriticOptions & WassersteinOptions;

/** Alignment regularizers by name. To add one: a small file, a row here, a fixture. */
export const regularizers = {
  l1: () => l1,
  squaredL2: () => squaredL2,
  cosine: () => cosine,
  kl: () => kl,
  wasserstein,
  discriminator,
  js: () => js,
  l2: () => l2,
  mmd: () => mmd,
  dair: () => dair,
  vicreg: () => vicreg,
  barlow: () => barlow,
} satisfies Record<string, (options?: RegularizerOptions) => Regularizer>;

export type RegularizerName = keyof typeof regularizers;

/** The options that a regularizer takes; the closed forms take none. */
const optionsOf: Partial<Record<RegularizerName, readonly (keyof RegularizerOptions)[]>> = {
  wasserstein: ["steps", "learningRate", "hidden", "lipschitz", "penalty", "clip"],
  discriminator: ["steps", "learningRate", "hidden"],
};

/**
 * A regularizer by name, with these options, or as it is.
 *
 * @throws UsageError as `regularizerByName` does; for no whole definition, or options beside one
 */
export function regularizerOf(
  given: string | RegularizerDefinition,
  options: RegularizerOptions = {},
): Regularizer {
  if (typeof given === "string") return regularizerByName(given, options);
  const made = defineRegularizer(given);
  const [stray] = Object.keys(options).filter(
    (key) => options[key as keyof RegularizerOptions] !== undefined,
  );
  if (stray === undefined) return made;
  throw new UsageError(
    `regularizerOptions are of the regularizers that are named; "${made.name}" is one as it is, and "${stray}" would be ` +
      `ignored. Make the regularizer with what it needs, and leave ${stray} out.`,
  );
}

/** The regularizer of that name. @throws UsageError for an unknown name, an option it does not take, or a bad value */
export function regularizerByName(name: string, options: RegularizerOptions = {}): Regularizer {
  if (!Object.hasOwn(regularizers, name)) {
    const choices = Object.keys(regularizers).join(", ");
    throw new UsageError(`Unknown regularizer "${name}". Choose one of: ${choices}.`);
  }
  const taken: readonly string[] = optionsOf[name as RegularizerName] ?? [];
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const strange = given.find(([key]) => !taken.includes(key));
  if (strange) {
    throw new UsageError(
      `The regularizer "${name}" takes no "${strange[0]}". It takes: ${taken.join(", ") || "no options"}.`,
    );
  }
  return regularizers[name as RegularizerName](Object.fromEntries(given));
}
