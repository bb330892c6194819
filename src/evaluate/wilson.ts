import { UsageError } from "../tensor/errors.ts";

/** An estimate with its 95 % interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The standard normal's 97.5 % quantile. */
export const z95 = 1.959963984540054;

/**
 * The Wilson score interval, 95 %, of a proportion.
 *
 * Unlike value ± 1.96 standard errors it stays inside [0, 1] and keeps a width at 0 and 1.
 * Source: Wilson 1927; no continuity correction.
 *
 * @param successes  0 … total
 * @param total      ≥ 1
 */
export function wilson(successes: number, total: number): Interval {
  if (!(total >= 1 && successes >= 0 && successes <= total)) {
    throw new UsageError(`${successes} of ${total} is no proportion. Pass 0 ≤ successes ≤ total, total ≥ 1.`);
  }
  const value = successes / total;
  const z2 = z95 * z95;
  const centre = (successes + z2 / 2) / (total + z2);
  const half = (z95 / (total + z2)) * Math.sqrt(total * value * (1 - value) + z2 / 4);
  // At the ends the formula gives the bound exactly; rounding must not move it past the value.
  return {
    value,
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === total ? 1 : Math.min(1, centre + half),
  };
}
