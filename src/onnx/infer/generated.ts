/** Operators whose result follows from shapes and numbers alone. */
import { ShapeError } from "../../tensor/index.ts";
import { describeNode, intAttribute, tensorAttribute } from "../attribute.ts";
import { dtypeOf } from "../tensor-proto.ts";
import { type InferenceRule, constantNumbers, firstTypeWith, required } from "./rule.ts";

const shapeOf: InferenceRule = (node) => {
  const rank = required(node, 0).shape.length;
  const clamp = (i: number) => Math.min(Math.max(i < 0 ? i + rank : i, 0), rank);
  const start = clamp(intAttribute(node, "start", 0));
  const end = clamp(intAttribute(node, "end", rank));
  return [{ dtype: "int64", shape: [Math.max(end - start, 0)] }];
};

/** start, start + delta, … before limit */
const range: InferenceRule = (node) => {
  const [start, limit, delta] = [0, 1, 2].map((index) => {
    required(node, index);
    return constantNumbers(node, index)![0];
  });
  if (delta === 0) throw new ShapeError(`${describeNode(node)} has delta 0; it would never end.`);
  return firstTypeWith(node, [Math.max(0, Math.ceil((limit - start) / delta))]);
};

const constantOfShape: InferenceRule = (node) => {
  required(node, 0);
  const dtype = node.attributes.value === undefined ? "float32" : tensorAttribute(node, "value").dtype;
  return [{ dtype, shape: constantNumbers(node, 0)! }];
};

/** Ones on a diagonal, in the shape of the input and, unless `dtype` names another, its type. */
const eyeLike: InferenceRule = (node) => {
  const { dtype, shape } = required(node, 0);
  if (shape.length !== 2) throw new ShapeError(`${describeNode(node)} needs a matrix, not [${shape}].`);
  const given = node.attributes.dtype;
  return [
    { dtype: given === undefined ? dtype : dtypeOf(intAttribute(node, "dtype"), describeNode(node)), shape },
  ];
};

export const generatedInference = {
  Shape: shapeOf,
  Size: () => [{ dtype: "int64", shape: [] }],
  Range: range,
  ConstantOfShape: constantOfShape,
  EyeLike: eyeLike,
} satisfies Record<string, InferenceRule>;
