import { type Gradient, defineGradient } from "../define-gradient.ts";
import type { RuleEntry } from "../rule.ts";
import {
  celu,
  clip,
  elu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  logSoftmax,
  pRelu,
  relu,
  selu,
  sigmoid,
  softmax,
  tanh,
  thresholdedRelu,
} from "./activation.ts";
import {
  abs,
  cos,
  div,
  exp,
  log,
  max,
  mean,
  min,
  mod,
  mul,
  neg,
  pow,
  reciprocal,
  sin,
  sqrt,
  sub,
  sum,
} from "./arithmetic.ts";
import { col2Im } from "./col2im.ts";
import { conv, convTranspose } from "./convolution.ts";
import { einsum } from "./einsum.ts";
import { affineGrid } from "./affine-grid.ts";
import { gridSample } from "./grid-sample.ts";
import { gather, gatherElements, slice } from "./indexing.ts";
import {
  cast,
  concat,
  cumSum,
  depthToSpace,
  identity,
  reshape,
  spaceToDepth,
  split,
  tile,
  transpose,
  trilu,
} from "./layout.ts";
import {
  groupNormalization,
  instanceNormalization,
  layerNormalization,
  rmsNormalization,
} from "./layer-normalization.ts";
import { gemm, matMul } from "./linear.ts";
import { localResponseNormalization } from "./local-response-normalization.ts";
import { lpNormalization } from "./lp-normalization.ts";
import { lpPool } from "./lp-pool.ts";
import { batchNormalization, dropout } from "./normalization.ts";
import { pad } from "./pad.ts";
import { averagePool, globalAveragePool, globalMaxPool, maxPool, phaseMax } from "./pooling.ts";
import {
  reduceExtremum,
  reduceL1,
  reduceL2,
  reduceLogSum,
  reduceLogSumExp,
  reduceMean,
  reduceProd,
  reduceSum,
  reduceSumSquare,
} from "./reduce.ts";
import { resize } from "./resize.ts";
import { gatherND, scatterElements, scatterND, topK } from "./scatter.ts";
import { noGradient, where } from "./selection.ts";
import { erf, gelu, mish, softplus, softsign } from "./smooth-activation.ts";
import { acos, acosh, asin, asinh, atan, atanh, cosh, sinh, tan } from "./trigonometry.ts";

const none = (note: string): RuleEntry => ({ rule: noGradient, inputs: "none", note });
const isStep = "constant almost everywhere";
const isDiscrete = "integer or boolean result";

/** All gradient rules. To add an operator: one small function beside its kind, one row here, one fixture. */
const rules = {
  Abs: { rule: abs, note: "0 at 0" },
  Acos: { rule: acos, note: "infinite at 1 and -1" },
  Acosh: { rule: acosh, note: "infinite at 1" },
  Add: { rule: sum },
  AffineGrid: { rule: affineGrid, inputs: "theta" },
  And: none(isDiscrete),
  ArgMax: none(isDiscrete),
  ArgMin: none(isDiscrete),
  Asin: { rule: asin, note: "infinite at 1 and -1" },
  Asinh: { rule: asinh },
  Atan: { rule: atan },
  Atanh: { rule: atanh, note: "infinite at 1 and -1" },
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
  Celu: { rule: celu },
  Clip: { rule: clip, note: "passes at the bounds too; a bound gets the gradient of what it cut off" },
  Col2Im: { rule: col2Im, inputs: "input" },
  Concat: { rule: concat },
  Conv: { rule: conv, note: "any number of spatial axes; groups, strides, dilations, auto_pad" },
  ConvTranspose: {
    rule: convTranspose,
    note: "groups, strides, dilations, pads, output_padding, output_shape, auto_pad",
  },
  Cos: { rule: cos },
  Cosh: { rule: cosh },
  ConstantOfShape: none("made of integers"),
  CumSum: { rule: cumSum, inputs: "x" },
  DepthToSpace: { rule: depthToSpace, note: "DCR and CRD" },
  Div: { rule: div },
  Dropout: {
    rule: dropout,
    inputs: "data",
    note: "identity; in training mode with a ratio above 0 an error, as the trainer puts a seeded mask in its place",
  },
  Elu: { rule: elu, note: "alpha at 0" },
  Einsum: {
    rule: einsum,
    note: "any number of operands, ellipses, diagonals; letters of length 1 broadcast",
  },
  Equal: none(isDiscrete),
  Erf: { rule: erf },
  Exp: { rule: exp },
  Expand: { rule: identity, inputs: "input" },
  EyeLike: none("made of a shape"),
  Flatten: { rule: reshape },
  Floor: none(isStep),
  Gather: { rule: gather, inputs: "data", note: "an element picked several times gets the sum" },
  GatherElements: {
    rule: gatherElements,
    inputs: "data",
    note: "an element picked several times gets the sum",
  },
  Gelu: { rule: gelu, note: "exact and by tanh" },
  GatherND: {
    rule: gatherND,
    inputs: "data",
    note: "an element picked several times gets the sum; batch_dims",
  },
  Gemm: { rule: gemm },
  GlobalAveragePool: { rule: globalAveragePool },
  GlobalMaxPool: { rule: globalMaxPool, note: "a tie goes to the first element in row order" },
  Greater: none(isDiscrete),
  GreaterOrEqual: none(isDiscrete),
  GroupNormalization: {
    rule: groupNormalization,
    note: "opset 18's form, a scale for each group, is read as InstanceNormalization",
  },
  GridSample: {
    rule: gridSample,
    inputs: "X, grid",
    note: "images [N, C, H, W]; linear and cubic, and nearest for X alone; every padding and both align_corners. At an edge that places are moved to the grid has none",
  },
  HardSigmoid: { rule: hardSigmoid, note: "0 where the result is 0 or 1" },
  HardSwish: { rule: hardSwish, note: "-1/2 at -3, 1 at 3" },
  Identity: { rule: identity },
  InstanceNormalization: { rule: instanceNormalization },
  IsInf: none(isDiscrete),
  IsNaN: none(isDiscrete),
  LRN: { rule: localResponseNormalization, note: "odd sizes" },
  LayerNormalization: {
    rule: layerNormalization,
    note: "any axis; gradients from the outputs Mean and InvStdDev too",
  },
  LeakyRelu: { rule: leakyRelu, note: "alpha at 0" },
  Less: none(isDiscrete),
  LessOrEqual: none(isDiscrete),
  Log: { rule: log },
  LogSoftmax: { rule: logSoftmax },
  LpNormalization: { rule: lpNormalization, note: "0 where all are 0; for p = 1, sign 0 at 0" },
  MatMul: { rule: matMul, note: "batches and vectors broadcast" },
  LpPool: { rule: lpPool, note: "0 where the result is 0" },
  Max: { rule: max, note: "two equal values get half each; more inputs are folded from the left" },
  MaxPool: { rule: maxPool, note: "a tie goes to the first element of the window in row order" },
  Mean: { rule: mean },
  Min: { rule: min, note: "two equal values get half each; more inputs are folded from the left" },
  Mish: { rule: mish },
  Mod: {
    rule: mod,
    note: "of floating-point numbers, whose sign is that of the dividend; its jumps count as flat",
  },
  Mul: { rule: mul },
  Neg: { rule: neg },
  Not: none(isDiscrete),
  OneHot: none("made of integers"),
  Or: none(isDiscrete),
  Pad: { rule: pad, inputs: "data", note: "constant, reflect, edge, wrap; negative pads too" },
  PRelu: { rule: pRelu, note: "the slope at 0" },
  Pow: { rule: pow, note: "the exponent gets a gradient only where the base is above 0" },
  RMSNormalization: { rule: rmsNormalization },
  Range: none("made of numbers that shapes depend on"),
  Reciprocal: { rule: reciprocal },
  ReduceL1: { rule: reduceL1, inputs: "data", note: "0 at 0" },
  ReduceL2: { rule: reduceL2, inputs: "data", note: "0 where all are 0" },
  ReduceLogSum: { rule: reduceLogSum, inputs: "data" },
  ReduceLogSumExp: { rule: reduceLogSumExp, inputs: "data" },
  ReduceMax: { rule: reduceExtremum, inputs: "data", note: "equal values share the gradient equally" },
  ReduceMean: { rule: reduceMean, inputs: "data" },
  ReduceMin: { rule: reduceExtremum, inputs: "data", note: "equal values share the gradient equally" },
  ReduceProd: { rule: reduceProd, inputs: "data", note: "the product of the others, among zeros too" },
  ReduceSum: { rule: reduceSum, inputs: "data" },
  ReduceSumSquare: { rule: reduceSumSquare, inputs: "data" },
  Relu: { rule: relu, note: "0 at 0" },
  Reshape: { rule: reshape, inputs: "data" },
  Resize: {
    rule: resize,
    inputs: "X",
    note: "nearest, linear and cubic, antialiased or not; every coordinate and nearest mode but tf_crop_and_resize",
  },
  Round: none(isStep),
  Selu: { rule: selu, note: "gamma times alpha at 0" },
  ScatterElements: {
    rule: scatterElements,
    inputs: "data, updates",
    note: "reductions none and add; others are an error. Put at one place twice: dy goes to both",
  },
  ScatterND: {
    rule: scatterND,
    inputs: "data, updates",
    note: "reductions none and add; others are an error. Put at one place twice: dy goes to both",
  },
  Shape: none(isDiscrete),
  Sigmoid: {
    rule: sigmoid,
    note: "Swish, which ONNX Runtime lacks, is read as x times the Sigmoid of alpha x",
  },
  Sign: none(isStep),
  Sin: { rule: sin },
  Sinh: { rule: sinh },
  Size: none(isDiscrete),
  Slice: { rule: slice, inputs: "data", note: "any step, negative ones too" },
  Softmax: { rule: softmax },
  Softplus: { rule: softplus },
  Softsign: { rule: softsign },
  SpaceToDepth: { rule: spaceToDepth },
  Split: { rule: split, inputs: "input" },
  Sqrt: { rule: sqrt, note: "infinite at 0" },
  Squeeze: { rule: reshape, inputs: "data" },
  Sub: { rule: sub },
  Sum: { rule: sum },
  Tan: { rule: tan },
  Tanh: { rule: tanh },
  Tile: { rule: tile, inputs: "input" },
  TopK: { rule: topK, inputs: "X", note: "through the values; of equal ones, the first by index are taken" },
  ThresholdedRelu: { rule: thresholdedRelu, note: "0 at alpha" },
  Transpose: { rule: transpose },
  Trilu: { rule: trilu, inputs: "input" },
  Unsqueeze: { rule: reshape, inputs: "data" },
  Where: { rule: where, inputs: "X, Y" },
  Xor: none(isDiscrete),
  "alignreg.PhaseMax": { rule: phaseMax, note: "a tie goes to the first phase" },
  "alignreg.StopGradient": none("stops the gradient on purpose"),
} satisfies Record<string, RuleEntry>;

/** Gradient rules by operator; those outside ONNX's own domain are keyed `domain.opType`. */
export const gradientRules: ReadonlyMap<string, Gradient> = new Map(
  Object.entries<RuleEntry>(rules).map(([name, entry]) => {
    const [operator, domain = ""] = name.split(".").reverse();
    return [name, defineGradient({ operator, domain, ...entry })];
  }),
);
