import { type Tensor, sizeOf } from "../tensor/index.ts";

/** The part of length 1 along an axis that a tensor repeats there, bit by bit; undefined where it does not. */
export function singleCopy({ dtype, shape, data }: Tensor, axis: number): Tensor | undefined {
  const count = shape[axis];
  if (!(count > 1) || data.length === 0) return undefined;
  const inner = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  const single = data.slice(0, outer * inner);
  for (let block = 0; block < outer; block++) {
    for (let i = 0; i < inner; i++) {
      const first = data[block * count * inner + i];
      for (let copy = 1; copy < count; copy++) {
        if (!Object.is(data[(block * count + copy) * inner + i], first)) return undefined;
      }
      single[block * inner + i] = first;
    }
  }
  return { dtype, shape: shape.with(axis, 1), data: single } as Tensor;
}
