import { UsageError, random } from "../tensor/index.ts";

/** The order in which an epoch visits `length` samples: a permutation set by seed and epoch alone. */
export const epochOrder = (length: number, seed: number, epoch: number): Uint32Array =>
  random(seed, "order", epoch).permutation(length);

/** `order` cut into views of `batchSize` indices, not copied; the last one may be shorter. */
export function* batches(order: Uint32Array, batchSize: number): Generator<Uint32Array, void> {
  if (!(Number.isInteger(batchSize) && batchSize >= 1)) {
    throw new UsageError(`Batch size ${batchSize} is not possible. Give a whole number from 1.`);
  }
  for (let start = 0; start < order.length; start += batchSize) {
    yield order.subarray(start, start + batchSize);
  }
}
