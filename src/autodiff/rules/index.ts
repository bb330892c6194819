import type { RuleEntry } from "../rule.ts";
import { clip, hardSigmoid, leakyRelu, logSoftmax, relu, sigmoid, softmax, tanh } from "./activation.ts";
import {
  abs,
  div,
  exp,
  log,
  max,
  mean,
  min,
  mul,
  neg,
  pow,
  reciprocal,
  sqrt,
  sub,
  sum,
} from "./arithmetic.ts";
import { conv } from "./convolution.ts";
import { gather, gatherElements, slice } from "./indexing.ts";
import { cast, concat, identity, pad, reshape, split, transpose } from "./layout.ts";
import { gemm, matMul } from "./linear.ts";
import { batchNormalization, dropout } from "./normalization.ts";
import { averagePool, globalAveragePool, globalMaxPool, maxPool, phaseMax } from "./pooling.ts";
import { reduceExtremum, reduceMean, reduceSum } from "./reduce.ts";
import { noGradient, where } from "./selection.ts";

const none = (note: string): RuleEntry => ({ rule: noGradient, inputs: "none", note });
const isStep = "constant almost everywhere";
const isDiscrete = "integer or boolean result";

/** All gradient rules. To add an operator: one small function beside its kind, one row here, one fixture. */
const rules = {
  Abs: { rule: abs, note: "0 at 0" },
  Add: { rule: sum },
  And: none(isDiscrete),
  ArgMax: none(isDiscrete),
  ArgMin: none(isDiscrete),
  AveragePool: {
    rule: averagePool,
    note: "auto_pad, ceil_mode, dilations and count_include_pad as in the forward pass",
  },
  BatchNormalization: {
    rule: batchNormalization,
    inputs: "X, scale, B",
    note: "training and inference form; no gradient from or to the running statistics",
  },
  Cast: { rule: cast, note: "between floating-point types; integers and booleans pass no gradient" },
  Ceil: none(isStep),
  Clip: { rule: clip, note: "passes at the bounds too; a bound gets the gradient of what it cut off" },
  Concat: { rule: concat },
  Conv: { rule: conv, note: "any number of spatial axes; groups, strides, dilations, auto_pad" },
  Div: { rule: div },
  Dropout: {
    rule: dropout,
    inputs: "data",
    note: "identity; in training mode with a ratio above 0 an error, as the trainer puts a seeded mask in its place",
  },
  Equal: none(isDiscrete),
  Exp: { rule: exp },
  Expand: { rule: identity, inputs: "input" },
  Flatten: { rule: reshape },
  Floor: none(isStep),
  Gather: { rule: gather, inputs: "data", note: "an element picked several times gets the sum" },
  GatherElements: {
    rule: gatherElements,
    inputs: "data",
    note: "an element picked several times gets the sum",
  },
  Gemm: { rule: gemm },
  GlobalAveragePool: { rule: globalAveragePool },
  GlobalMaxPool: { rule: globalMaxPool, note: "a tie goes to the first element in row order" },
  Greater: none(isDiscrete),
  GreaterOrEqual: none(isDiscrete),
  HardSigmoid: { rule: hardSigmoid, note: "0 where the result is 0 or 1" },
  Identity: { rule: identity },
  LeakyRelu: { rule: leakyRelu, note: "alpha at 0" },
  Less: none(isDiscrete),
  LessOrEqual: none(isDiscrete),
  Log: { rule: log },
  LogSoftmax: { rule: logSoftmax },
  MatMul: { rule: matMul, note: "batches and vectors broadcast" },
  Max: { rule: max, note: "two equal values get half each; more inputs are folded from the left" },
  MaxPool: { rule: maxPool, note: "a tie goes to the first element of the window in row order" },
  Mean: { rule: mean },
  Min: { rule: min, note: "two equal values get half each; more inputs are folded from the left" },
  Mul: { rule: mul },
  Neg: { rule: neg },
  Not: none(isDiscrete),
  OneHot: none("made of integers"),
  Or: none(isDiscrete),
  Pad: { rule: pad, inputs: "data", note: "constant mode, negative pads too; other modes are an error" },
  Pow: { rule: pow, note: "the exponent gets a gradient only where the base is above 0" },
  Reciprocal: { rule: reciprocal },
  ReduceMax: { rule: reduceExtremum, inputs: "data", note: "equal values share the gradient equally" },
  ReduceMean: { rule: reduceMean, inputs: "data" },
  ReduceMin: { rule: reduceExtremum, inputs: "data", note: "equal values share the gradient equally" },
  ReduceSum: { rule: reduceSum, inputs: "data" },
  Relu: { rule: relu, note: "0 at 0" },
  Reshape: { rule: reshape, inputs: "data" },
  Shape: none(isDiscrete),
  Sigmoid: { rule: sigmoid },
  Sign: none(isStep),
  Size: none(isDiscrete),
  Slice: { rule: slice, inputs: "data", note: "any step, negative ones too" },
  Softmax: { rule: softmax },
  Split: { rule: split, inputs: "input" },
  Sqrt: { rule: sqrt, note: "infinite at 0" },
  Squeeze: { rule: reshape, inputs: "data" },
  Sub: { rule: sub },
  Sum: { rule: sum },
  Tanh: { rule: tanh },
  Transpose: { rule: transpose },
  Unsqueeze: { rule: reshape, inputs: "data" },
  Where: { rule: where, inputs: "X, Y" },
  "alignreg.PhaseMax": { rule: phaseMax, note: "a tie goes to the first phase" },
  "alignreg.StopGradient": none("stops the gradient on purpose"),
} satisfies Record<string, RuleEntry>;

/** Gradient rules by operator; those outside ONNX's own domain are keyed `domain.opType`. */
export const gradientRules: ReadonlyMap<string, RuleEntry> = new Map(Object.entries<RuleEntry>(rules));
