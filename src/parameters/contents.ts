/** What a tensor's numbers say of it. */
import { type Tensor, sizeOf } from "../tensor/index.ts";

type Numbers = Float32Array;

const numbers = ({ data }: Tensor): Numbers => data as Numbers;

export const isFinite = (tensor: Tensor): boolean => numbers(tensor).every(Number.isFinite);

/** One number throughout. */
export const isUniform = (tensor: Tensor): boolean => {
  const [first] = numbers(tensor);
  return numbers(tensor).every((value) => value === first);
};

/** Two different numbers, as a mask has: nothing that was drawn or learnt looks so. */
export function isTwoValued(tensor: Tensor): boolean {
  const data = numbers(tensor);
  if (data.length < 3) return false;
  const other = data.find((value) => value !== data[0]);
  return other !== undefined && data.every((value) => value === data[0] || value === other);
}

/** A kernel [Co, Ci, …] that is the same for every output channel, as a blur's is. */
export function isOneKernel(tensor: Tensor): boolean {
  const [channels, ...rest] = tensor.shape;
  const size = sizeOf(rest);
  if (!(channels > 1) || size < 2 || rest.length < 2) return false;
  return numbers(tensor).every((value, i, all) => value === all[i % size]);
}

/** One axis at most is longer than 1: a number for each channel. */
export const isVector = ({ shape }: Pick<Tensor, "shape">): boolean =>
  shape.filter((length) => length > 1).length <= 1;
