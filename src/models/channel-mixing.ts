import { type Tensor, numbersOf } from "../tensor/index.ts";

/** An output channel of a convolution that scales and shifts one channel of its input. */
export interface MixedChannel {
  readonly from: number;
  readonly factor: number;
  readonly shift: number;
}

/**
 * What a convolution of single pixels does to channels, where it only scales, shifts and reorders them, as exporters and
 * optimizers write normalisation; undefined for any other, which is a layer. One channel alone is taken for a layer too.
 *
 * @param weight  [Co, Ci/group, 1, 1]
 * @param bias    [Co], if there is one
 */
export function channelMixing(
  weight: Tensor,
  bias: Tensor | undefined,
  group: number,
): readonly MixedChannel[] | undefined {
  const [outputs, perGroup, ...kernel] = weight.shape;
  const inputs = perGroup * group;
  if (outputs !== inputs || inputs < 2 || kernel.some((length) => length !== 1)) return undefined;
  const [weights, shifts] = [numbersOf(weight), bias && numbersOf(bias)];
  const mixed = Array.from({ length: outputs }, (_, o): MixedChannel | undefined => {
    const row = weights.slice(o * perGroup, (o + 1) * perGroup);
    const at = row.findIndex((value) => value !== 0);
    const isSingle = at >= 0 && row.every((value, i) => i === at || value === 0);
    const first = Math.floor(o / (outputs / group)) * perGroup;
    return isSingle ? { from: first + at, factor: row[at], shift: shifts?.[o] ?? 0 } : undefined;
  });
  return mixed.every((channel) => channel !== undefined) ? mixed : undefined;
}
