import type { Random } from "../../tensor/index.ts";
import { type DrawnLevel, type MixOperationName, mixOperationNames } from "./operations.ts";

/** What decides what is drawn. */
export interface MixtureSettings {
  /** The upper end of the levels that are drawn, from 0.1; 10 is the operations' strongest. */
  readonly severity: number;
  /** Chains in a mixture. */
  readonly width: number;
  /** Operations of a chain; null for 1, 2 or 3 by chance. */
  readonly depth: number | null;
}

/** An operation of a chain with what is drawn for it. */
export interface Link<Operation> extends DrawnLevel {
  readonly operation: Operation;
}

/** All that is random in one mixture: (1 − m)·x + m·Σ w_i·chain_i(x). */
export interface Mixture<Operation = MixOperationName> {
  /** m in [0, 1): the share of the chains, by Beta(1, 1). */
  readonly share: number;
  /** w, of the chains, by Dirichlet(1, …, 1); their sum is 1. */
  readonly weights: readonly number[];
  readonly chains: readonly (readonly Link<Operation>[])[];
}

/** Source: Hendrycks et al., AugMix, ICLR 2020, algorithm 1, with α = 1. @param choices  what a link is drawn from */
export function drawMixture<Operation>(
  rng: Random,
  { severity, width, depth }: MixtureSettings,
  choices: readonly Operation[],
): Mixture<Operation> {
  // Exponential numbers over their sum are Dirichlet(1, …, 1); 1 − u keeps the logarithm's argument above zero.
  const exponentials = Array.from({ length: width }, () => -Math.log(1 - rng.uniform()));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  // Beta(1, 1) is uniform.
  const share = rng.uniform();
  return {
    share,
    // All of them 0 has a chance of 2⁻⁵³ each.
    weights: exponentials.map((value) => (sum > 0 ? value / sum : 1 / width)),
    chains: Array.from({ length: width }, () =>
      Array.from({ length: depth ?? 1 + rng.integer(3) }, () => ({
        operation: choices[rng.integer(choices.length)],
        level: LEAST + (severity - LEAST) * rng.uniform(),
        isNegative: rng.uniform() > 0.5,
      })),
    ),
  };
}

/** The lowest level that is drawn, and so the lowest severity. */
export const LEAST = 0.1;

/** What a link is drawn from where no other operations are given. */
export const ownOperations: readonly MixOperationName[] = mixOperationNames;
