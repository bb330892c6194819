/** Folding of what picks or places elements by index. */
import { type Tensor, ShapeError, normalizeAxis, numbersOf, sizeOf, stridesOf } from "../../tensor/index.ts";
import { describeNode, intAttribute } from "../attribute.ts";
import type { InferenceNode } from "../infer/rule.ts";
import { type Fold, dot, forEachIndex, single, take } from "./fold.ts";

const gather = single((node, [source, indices], type) => {
  const axis = normalizeAxis(intAttribute(node, "axis", 0), source.shape.length);
  const strides = stridesOf(source.shape);
  const picks = numbersOf(indices).map((i) => normalizeIndex(node, i, source.shape[axis]));
  const pickStrides = stridesOf(indices.shape);
  return take(source, type, (index) => {
    const pick = picks[dot(index.slice(axis, axis + indices.shape.length), pickStrides)];
    return dot(index.toSpliced(axis, indices.shape.length, pick), strides);
  });
});

const gatherElements = single((node, [source, indices], type) => {
  const axis = normalizeAxis(intAttribute(node, "axis", 0), source.shape.length);
  const strides = stridesOf(source.shape);
  const picks = numbersOf(indices).map((i) => normalizeIndex(node, i, source.shape[axis]));
  const pickStrides = stridesOf(indices.shape);
  return take(source, type, (index) => dot([...index].with(axis, picks[dot(index, pickStrides)]), strides));
});

const gatherND = single((node, [source, indices], type) => {
  const batch = intAttribute(node, "batch_dims", 0);
  const strides = stridesOf(source.shape);
  const places = placesOf(node, indices, source.shape.slice(batch));
  const outer = indices.shape.slice(0, -1);
  const outerStrides = stridesOf(outer);
  return take(source, type, (index) => {
    const place = places[dot(index.slice(0, outer.length), outerStrides)];
    return dot([...index.slice(0, batch), ...place, ...index.slice(outer.length)], strides);
  });
});

/** Later updates win, as they do where ONNX Runtime runs one after the other. */
const scatterND = single((node, [source, indices, updates]) => {
  const data = source.data.slice();
  const strides = stridesOf(source.shape);
  const outer = indices.shape.slice(0, -1);
  const outerStrides = stridesOf(outer);
  const places = placesOf(node, indices, source.shape);
  forEachIndex(updates.shape, (index, flat) => {
    const place = places[dot(index.slice(0, outer.length), outerStrides)];
    data[dot([...place, ...index.slice(outer.length)], strides)] = updates.data[flat];
  });
  return { ...source, data } as Tensor;
});

/** The last axis of `indices` as positions in the first axes of `shape`, row by row. */
function placesOf(node: InferenceNode, indices: Tensor, shape: readonly number[]): number[][] {
  const depth = indices.shape.at(-1)!;
  const values = numbersOf(indices);
  return Array.from({ length: sizeOf(indices.shape.slice(0, -1)) }, (_, row) =>
    Array.from({ length: depth }, (_, k) => normalizeIndex(node, values[row * depth + k], shape[k])),
  );
}

function normalizeIndex(node: InferenceNode, index: number, length: number): number {
  if (index < -length || index >= length) {
    throw new ShapeError(`${describeNode(node)} takes index ${index} of an axis of length ${length}.`);
  }
  return index < 0 ? index + length : index;
}

export const pickFolds: Readonly<Record<string, Fold>> = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterND: scatterND,
};
