/** Folding of what moves elements without changing them. */
import { type Tensor, normalizeAxis, sizeOf, stridesOf, zeros } from "../../tensor/index.ts";
import { intAttribute, intsAttribute } from "../attribute.ts";
import { splitLengths } from "../infer/parts.ts";
import { slicedAxes } from "../slice-range.ts";
import { type Fold, broadcastStrides, dot, single, take } from "./fold.ts";

const sameData = single((_, [{ dtype, data }], { shape }) => ({ dtype, shape, data }) as Tensor);

const slice = single((node, [source], type) => {
  const strides = stridesOf(source.shape);
  const axes = slicedAxes(node);
  return take(source, type, (index) => {
    const at = [...index];
    for (const { axis, start, step } of axes) at[axis] = start + index[axis] * step;
    return dot(at, strides);
  });
});

const concat = single((node, constants, type) => {
  const axis = normalizeAxis(intAttribute(node, "axis"), type.shape.length);
  const data = zeros(type.dtype, sizeOf(type.shape));
  const inner = stridesOf(type.shape)[axis];
  const row = inner * type.shape[axis];
  let offset = 0;
  for (const { shape, data: part } of constants) {
    const width = inner * shape[axis];
    for (let i = 0; i < part.length; i++) data[Math.floor(i / width) * row + offset + (i % width)] = part[i];
    offset += width;
  }
  return { dtype: type.dtype, shape: type.shape, data } as Tensor;
});

const expand = single((_, [source], type) => {
  const strides = broadcastStrides(source.shape, type.shape.length);
  return take(source, type, (index) => dot(index, strides));
});

/** Each axis read over and over. */
const tile = single((_, [source], type) => {
  const strides = stridesOf(source.shape);
  return take(source, type, (index) =>
    dot(
      index.map((i, axis) => i % source.shape[axis]),
      strides,
    ),
  );
});

const transpose = single((node, [source], type) => {
  const rank = source.shape.length;
  const perm = intsAttribute(
    node,
    "perm",
    source.shape.map((_, axis) => rank - 1 - axis),
  );
  const strides = stridesOf(source.shape);
  const permuted = perm.map((axis) => strides[axis]);
  return take(source, type, (index) => dot(index, permuted));
});

const split: Fold = (node, [source], types) => {
  const axis = normalizeAxis(intAttribute(node, "axis", 0), source.shape.length);
  const strides = stridesOf(source.shape);
  let start = 0;
  return splitLengths(node).map((length, part) => {
    const offset = start * strides[axis];
    start += length;
    return take(source, types[part], (index) => offset + dot(index, strides));
  });
};

/** These share their input's data, however large it is. */
export const reshapeFolds: Readonly<Record<string, Fold>> = {
  Identity: sameData,
  Reshape: sameData,
  Flatten: sameData,
  Squeeze: sameData,
  Unsqueeze: sameData,
};

export const moveFolds: Readonly<Record<string, Fold>> = {
  Slice: slice,
  Concat: concat,
  Expand: expand,
  Tile: tile,
  Transpose: transpose,
  Split: split,
};
