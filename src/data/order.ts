import { random } from "../tensor/index.ts";

/** The order in which an epoch visits `length` samples: a permutation set by seed and epoch alone. */
export const epochOrder = (length: number, seed: number, epoch: number): Uint32Array =>
  random(seed, "order", epoch).permutation(length);
