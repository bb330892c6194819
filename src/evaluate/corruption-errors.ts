import { UsageError } from "../tensor/errors.ts";
import type { MemberAccuracy } from "./procedure.ts";

/** Of a test under common corruptions: members named by a corruption and a severity, as "fog severity 3". */
export interface CorruptionErrors {
  /** The mean of the errors under each corruption and severity, in [0, 1]: what is reported for CIFAR-10-C. */
  readonly meanError: number;
  /** By corruption, the mean over its severities. */
  readonly byCorruption: Readonly<Record<string, number>>;
  /**
   * Mean corruption error: of each corruption the sum of errors over severities, divided by a baseline's, in the mean over corruptions;
   * 1 where the model errs as the baseline does. What is reported for ImageNet-C, beside AlexNet. Null without a baseline.
   */
  readonly relativeError: number | null;
}

interface Tested {
  readonly members: readonly MemberAccuracy[];
}

/**
 * The two measures of Hendrycks & Dietterich (ICLR 2019), of scores as `evaluate` gives them.
 *
 * @param scores    of a test under `corruptions` or `corruptions-cifar`
 * @param baseline  those of another model under the same
 * @throws UsageError for scores without corruptions, or of others than the baseline's
 */
export function corruptionErrors(scores: Tested, baseline?: Tested): CorruptionErrors {
  const own = errorsOf(scores);
  const means = [...own].map(([name, errors]): [string, number] => [name, sum(errors) / errors.length]);
  const all = [...own.values()].flat();
  return {
    meanError: sum(all) / all.length,
    byCorruption: Object.fromEntries(means),
    relativeError: baseline === undefined ? null : relativeError(own, errorsOf(baseline)),
  };
}

type Errors = ReadonlyMap<string, readonly number[]>;

/** By corruption, in the order of the members. */
function errorsOf({ members }: Tested): Errors {
  const errors = new Map<string, number[]>();
  for (const { name, accuracy } of members) {
    const corruption = /^(\w+) severity [1-5]$/.exec(name)?.[1];
    if (corruption === undefined) continue;
    errors.set(corruption, [...(errors.get(corruption) ?? []), 1 - accuracy]);
  }
  if (errors.size > 0) return errors;
  throw new UsageError(
    `The scores are of no corruptions: no member is named as "fog severity 3" is. Test under transforms "corruptions" or "corruptions-cifar".`,
  );
}

function relativeError(own: Errors, baseline: Errors): number {
  const shares = [...own].map(([name, errors]) => {
    const others = baseline.get(name);
    if (others?.length !== errors.length) {
      throw new UsageError(
        `The baseline's scores are of other corruptions or severities (${name}). Test both under the same.`,
      );
    }
    if (sum(others) === 0) {
      throw new UsageError(`The baseline makes no error under ${name}, by which there is no dividing.`);
    }
    return sum(errors) / sum(others);
  });
  return sum(shares) / shares.length;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
