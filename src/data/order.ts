import { shown } from "../options/index.ts";
import { UsageError, random } from "../tensor/index.ts";

/**
 * The order in which an epoch visits `length` samples: a permutation set by seed and epoch alone.
 *
 * @param epoch  from 0
 */
export function epochOrder(length: number, seed: number, epoch: number): Uint32Array {
  for (const [name, value] of Object.entries({ length, seed, epoch })) {
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      throw new UsageError(`epochOrder takes a whole number from 0 as its ${name}, not ${shown(value)}.`);
    }
  }
  return random(seed, "order", epoch).permutation(length);
}
