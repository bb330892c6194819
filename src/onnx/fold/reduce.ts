import { numbersOf, sizeOf, stridesOf } from "../../tensor/index.ts";
import { reducedAxes } from "../infer/reduce.ts";
import { type Fold, dot, forEachIndex, make, single } from "./fold.ts";

/** Combines the elements along the reduced axes, from `start` on. */
const reduction = (start: number, combine: (a: number, b: number) => number): Fold =>
  single((node, [source], type) => {
    const axes = reducedAxes(node);
    const kept = source.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
    const values = numbersOf(source);
    const result = new Float64Array(sizeOf(kept)).fill(start);
    forEachIndex(source.shape, (index, flat) => {
      const at = dot(index, strides);
      result[at] = combine(result[at], values[flat]);
    });
    return make(type, result);
  });

export const reduceFolds: Readonly<Record<string, Fold>> = {
  ReduceSum: reduction(0, (a, b) => a + b),
  ReduceProd: reduction(1, (a, b) => a * b),
  ReduceMax: reduction(-Infinity, Math.max),
  ReduceMin: reduction(Infinity, Math.min),
};
