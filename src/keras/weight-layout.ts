/** How Keras' weights are laid out in a graph. */
import { type Shape, type Tensor, float32, sizeOf, stridesOf } from "../tensor/index.ts";

/** A weight's axes in another order, then a shape of as many elements. */
export interface WeightLayout {
  /** Axis of the model's own weight that each axis comes from (default: as they are). */
  readonly perm?: readonly number[];
  /** Default: the permuted shape; −1 stands for the one length that follows from the others. */
  readonly shape?: Shape;
}

/** A weight's values as the graph has them. */
export function toInitializer(
  values: Float32Array,
  shape: Shape,
  { perm = shape.map((_, axis) => axis), shape: target }: WeightLayout,
): Tensor {
  const moved = perm.map((axis) => shape[axis]);
  const rest = sizeOf(shape) / Math.abs(sizeOf(target ?? moved));
  return float32(
    (target ?? moved).map((length) => (length === -1 ? rest : length)),
    permuted(values, shape, perm),
  );
}

/** The values of an initializer in the weight's own order: the inverse of {@link toInitializer}. */
export function fromInitializer(
  values: Float32Array,
  shape: Shape,
  { perm = shape.map((_, axis) => axis) }: WeightLayout,
): Float32Array {
  const moved = perm.map((axis) => shape[axis]);
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  return permuted(values, moved, inverse);
}

/** A copy with the axes in another order: axis i of it is axis perm[i] of the source. */
function permuted(source: Float32Array, shape: Shape, perm: readonly number[]): Float32Array {
  const strides = stridesOf(shape);
  const lengths = perm.map((axis) => shape[axis]);
  const steps = perm.map((axis) => strides[axis]);
  const result = new Float32Array(sizeOf(shape));
  const position = new Array<number>(lengths.length).fill(0);
  for (let i = 0, from = 0; i < result.length; i++) {
    result[i] = source[from];
    for (let axis = lengths.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++position[axis] < lengths[axis]) break;
      from -= steps[axis] * lengths[axis];
      position[axis] = 0;
    }
  }
  return result;
}
