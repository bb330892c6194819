import type { GraphBuilder, Value } from "../onnx/index.ts";
import { sizeOf, tensor } from "../tensor/index.ts";

/** A linear map of the positions of one axis, by row: which positions of x an output position reads, with what weight. */
export type AxisMap = readonly (readonly { readonly from: number; readonly weight: number }[])[];

/** Whether every position reads just itself. */
const isIdentityMap = (map: AxisMap, size: number): boolean =>
  map.length === size &&
  map.every((reads, i) => reads.every(({ from, weight }) => from === i || weight === 0));

/**
 * The gradient of y = M·x along an axis: Mᵀ·dy, as one product with a constant matrix, without any transposition.
 *
 *   Mᵀ [size, out] · dy [before, out, after] -> dx [before, size, after]
 */
export function transposedAxisMap(
  g: GraphBuilder,
  dy: Value,
  axis: number,
  map: AxisMap,
  size: number,
): Value {
  if (isIdentityMap(map, size)) return dy;
  const out = map.length;
  const weights = new Float32Array(size * out);
  map.forEach((reads, row) => {
    for (const { from, weight } of reads) weights[from * out + row] += weight;
  });
  const before = sizeOf(dy.shape.slice(0, axis));
  const after = sizeOf(dy.shape.slice(axis + 1));
  const result = dy.shape.with(axis, size);
  if (after === 1) {
    // The last axis: one tall product instead of a batch of columns.
    const back = new Float32Array(out * size);
    for (let i = 0; i < size; i++) for (let o = 0; o < out; o++) back[o * size + i] = weights[i * out + o];
    const matrix = g.cast(g.constant(tensor("float32", [out, size], back)), dy.dtype);
    return g.reshape(g.matMul(g.reshape(dy, [before, out]), matrix), result);
  }
  const matrix = g.cast(g.constant(tensor("float32", [size, out], weights)), dy.dtype);
  return g.reshape(g.matMul(matrix, g.reshape(dy, [before, out, after])), result);
}
