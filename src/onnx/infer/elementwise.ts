import { ShapeError, broadcastShapes, isFloat } from "../../tensor/index.ts";
import { describeNode, intAttribute } from "../attribute.ts";
import { dtypeOf } from "../tensor-proto.ts";
import { type InferenceNode, type InferenceRule, firstTypeWith, required, sameAsFirst } from "./rule.ts";

/** The common shape of inputs `from`… under broadcasting. */
function broadcastInputs(node: InferenceNode, from = 0): number[] {
  return node.inputs
    .slice(from)
    .map((_, i) => required(node, i + from).shape)
    .reduce<number[]>((a, b) => broadcastShapes(a, b), []);
}

const floatUnary: InferenceRule = (node) => {
  const { dtype } = required(node, 0);
  if (!isFloat(dtype))
    throw new ShapeError(`${describeNode(node)} needs a floating-point input, not ${dtype}.`);
  return sameAsFirst(node);
};

const arithmetic: InferenceRule = (node) => {
  return firstTypeWith(node, broadcastInputs(node));
};

/** A rule for exactly two inputs, not any number. */
const binary =
  (rule: InferenceRule): InferenceRule =>
  (node) => {
    required(node, 1);
    return rule(node);
  };

const comparison = binary((node) => {
  return [{ dtype: "bool", shape: broadcastInputs(node) }];
});

const where: InferenceRule = (node) => {
  required(node, 2);
  return [{ dtype: required(node, 1).dtype, shape: broadcastInputs(node) }];
};

const cast: InferenceRule = (node) => [
  { dtype: dtypeOf(intAttribute(node, "to"), describeNode(node)), shape: required(node, 0).shape },
];

/** The slope broadcasts to x, not the other way round. */
const pRelu = binary((node) => {
  const { shape } = required(node, 0);
  if (broadcastInputs(node).join() !== shape.join()) {
    throw new ShapeError(
      `${describeNode(node)}: the slope [${required(node, 1).shape}] does not broadcast to [${shape}].`,
    );
  }
  return floatUnary(node);
});

const classification: InferenceRule = (node) => [{ dtype: "bool", shape: floatUnary(node)[0].shape }];

const dropout: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const mask = { dtype: "bool" as const, shape };
  return [...sameAsFirst(node), mask].slice(0, node.outputCount);
};

export const elementwiseInference = {
  Identity: sameAsFirst,
  Neg: sameAsFirst,
  Abs: sameAsFirst,
  Sign: sameAsFirst,
  Clip: sameAsFirst,
  Not: sameAsFirst,
  Relu: sameAsFirst,
  LeakyRelu: floatUnary,
  Sigmoid: floatUnary,
  HardSigmoid: floatUnary,
  HardSwish: floatUnary,
  PRelu: pRelu,
  Elu: floatUnary,
  Selu: floatUnary,
  Celu: floatUnary,
  ThresholdedRelu: floatUnary,
  Gelu: floatUnary,
  Mish: floatUnary,
  Softplus: floatUnary,
  Softsign: floatUnary,
  Erf: floatUnary,
  Sin: floatUnary,
  Tan: floatUnary,
  Asin: floatUnary,
  Acos: floatUnary,
  Atan: floatUnary,
  Sinh: floatUnary,
  Cosh: floatUnary,
  Asinh: floatUnary,
  Acosh: floatUnary,
  Atanh: floatUnary,
  Cos: floatUnary,
  Tanh: floatUnary,
  Exp: floatUnary,
  Log: floatUnary,
  Sqrt: floatUnary,
  Floor: floatUnary,
  Ceil: floatUnary,
  Round: floatUnary,
  IsNaN: classification,
  IsInf: classification,
  Reciprocal: floatUnary,
  Softmax: floatUnary,
  LogSoftmax: floatUnary,
  Dropout: dropout,
  Add: binary(arithmetic),
  Sub: binary(arithmetic),
  Mul: binary(arithmetic),
  Div: binary(arithmetic),
  Mod: binary(arithmetic),
  Max: arithmetic,
  Min: arithmetic,
  Sum: arithmetic,
  Mean: arithmetic,
  And: comparison,
  Or: comparison,
  Xor: comparison,
  // The exponent may have another element type.
  Pow: binary((node) => firstTypeWith(node, broadcastInputs(node))),
  Equal: comparison,
  Greater: comparison,
  GreaterOrEqual: comparison,
  Less: comparison,
  LessOrEqual: comparison,
  Where: where,
  Cast: cast,
} satisfies Record<string, InferenceRule>;
