import { ShapeError } from "./errors.ts";

/** Axis lengths, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** Number of elements. */
export const sizeOf = (shape: Shape): number => shape.reduce((size, length) => size * length, 1);

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

export const shapesEqual = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((length, axis) => length === b[axis]);

/** The shape that both broadcast to under NumPy's (and ONNX's multidirectional) rule. */
export function broadcastShapes(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const m = a[axis - rank + a.length] ?? 1;
    const n = b[axis - rank + b.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        `Shapes [${a}] and [${b}] do not broadcast: axis ${axis} has ${m} and ${n}. ` +
          `Lengths must be equal, or one of them 1.`,
      );
    }
    return m === 1 ? n : m;
  });
}

/** A possibly negative axis as a non-negative one. */
export function normalizeAxis(axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeError(`Axis ${axis} is out of range for rank ${rank}. Use ${-rank} to ${rank - 1}.`);
  }
  return axis < 0 ? axis + rank : axis;
}
