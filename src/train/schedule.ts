import { UsageError } from "../tensor/index.ts";

/** How a rate moves over a run. */
export interface ScheduleOptions {
  /** Default "constant". */
  kind?: "constant" | "step" | "cosine";
  /** "step": the rate is multiplied by `factor` every `every` epochs (defaults 1 and 0.1). */
  every?: number;
  factor?: number;
  /** Steps over which the rate first rises linearly from 1/warmUp of itself (default 0). */
  warmUp?: number;
}

/** The rate's multiplier at each step, from step 0. */
export type Schedule = (step: number) => number;

/**
 * Makes a schedule for a run of `totalSteps` steps, `stepsPerEpoch` of them an epoch. Cosine falls from 1 to 0 over
 * the steps after the warm-up, as torch.optim's CosineAnnealingLR with eta_min 0.
 */
export function scheduleOf(
  options: ScheduleOptions,
  { totalSteps, stepsPerEpoch }: { totalSteps: number; stepsPerEpoch: number },
): Schedule {
  const { kind = "constant", every = 1, factor = 0.1, warmUp = 0 } = options;
  if (kind !== "step" && (options.every !== undefined || options.factor !== undefined)) {
    throw new UsageError(`every and factor are options of the schedule "step"; this one is "${kind}".`);
  }
  if (!(every > 0) || !(warmUp >= 0)) {
    throw new UsageError(`A schedule needs every > 0 and warmUp ≥ 0; got every ${every}, warmUp ${warmUp}.`);
  }
  const main: Record<NonNullable<ScheduleOptions["kind"]>, Schedule> = {
    constant: () => 1,
    step: (step) => factor ** Math.floor(step / (every * stepsPerEpoch)),
    cosine: (step) => (1 + Math.cos((Math.PI * (step - warmUp)) / Math.max(1, totalSteps - warmUp))) / 2,
  };
  if (!Object.hasOwn(main, kind)) {
    throw new UsageError(`Unknown schedule "${kind}". Choose one of: ${Object.keys(main).join(", ")}.`);
  }
  return (step) => (step < warmUp ? (step + 1) / warmUp : main[kind](step));
}
