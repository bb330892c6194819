/** Arithmetic, element by element. */
import { cappedRelu } from "../../keras/index.ts";
import { type GraphBuilder, ModelError, type Value, float } from "../../onnx/index.ts";
import { type NodeContext, type OperatorConverter } from "../context.ts";
import { type Held, Laid } from "../held.ts";
import {
  differenceOfLengths,
  lengthsOf,
  productOfLengths,
  quotientOfLengths,
  sumOfLengths,
} from "../lengths.ts";

type Binary = (g: GraphBuilder, a: Value, b: Value) => Value;
export type Unary = (g: GraphBuilder, x: Value, context: NodeContext) => Value;

const node =
  (opType: string): Binary =>
  (g, a, b) =>
    g.op1(opType, [a, b]);

/** Two inputs by NumPy's rules of broadcasting, which must leave each image its own. */
export function joined(context: NodeContext, i: number, j: number, join: Binary): Laid {
  const { g } = context;
  const sides = [context.held(i), context.held(j)];
  const images = sides.filter((side) => side.kind === "laid");
  const isFirst = images.some(({ isFirst }) => isFirst) && sides.every(isFloat);
  const result = isFirst
    ? Laid.first(g, join(g, context.besideFirst(i), context.besideFirst(j)))
    : Laid.last(g, join(g, context.laid(i).last, context.laid(j).last));
  const ranks = new Set(images.map(({ shape }) => shape.length));
  const isEachOwn = images.every(({ shape }) => shape[0] === result.shape[0]);
  if (images.length > 0 && (!isEachOwn || ranks.size > 1 || !ranks.has(result.shape.length))) {
    throw new ModelError(
      `it joins [${sides.map((side) => shapeOf(side).join(", ")).join("] and [")}], in which images would not stay apart`,
    );
  }
  return result;
}

const isFloat = (held: Held): boolean =>
  held.kind === "laid"
    ? held.own.dtype === "float32"
    : held.kind === "numbers" && held.tensor.dtype === "float32";

const shapeOf = (held: Held): readonly number[] =>
  held.kind === "laid" ? held.shape : held.kind === "numbers" ? held.tensor.shape : [];

const binary =
  (join: Binary): OperatorConverter =>
  (context) =>
    joined(context, 0, 1, join);

/** Of lengths, lengths. */
const ofLengths =
  (lengths: Parameters<typeof lengthsOf>[1], join: Binary): OperatorConverter =>
  (context) =>
    lengthsOf(context, lengths) ?? joined(context, 0, 1, join);

const sumOfAll: OperatorConverter = (context) => {
  const [first, ...others] = context.inputs.map((_, i) => i);
  if (others.length === 0) return context.laid(first ?? 0);
  let sum: Laid = joined(context, first, others[0], node("Add"));
  for (const i of others.slice(1)) {
    sum = joined(context.with([sum, context.held(i)]), 0, 1, node("Add"));
  }
  return sum;
};

const square: Unary = (g, x) => g.mul(x, x);

/** Of every element alone, so in whatever order of axes it is there. */
const unary =
  (make: Unary): OperatorConverter =>
  (context) =>
    alone(context, context.laid(0), make);

/** x with each element made another. */
export const alone = (context: NodeContext, x: Laid, make: Unary): Laid => {
  const made = make(context.g, x.own, context);
  return x.isFirst ? Laid.first(context.g, made) : Laid.last(context.g, made);
};

const one =
  (opType: string): Unary =>
  (g, x) =>
    g.op1(opType, [x]);

/** Activations by the names that TensorFlow has for them as operators and in fused ones. */
export const activations: ReadonlyMap<string, Unary> = new Map<string, Unary>([
  ["Relu", one("Relu")],
  ["Relu6", (g, x) => cappedRelu(g, x, 6)],
  ["Elu", one("Elu")],
  ["Selu", one("Selu")],
  ["Sigmoid", one("Sigmoid")],
  ["Tanh", one("Tanh")],
  ["Softplus", one("Softplus")],
  ["Softsign", one("Softsign")],
  // x·min(max(x/6 + 1/2, 0), 1), which the converter writes of MobileNetV3, though TensorFlow.js 4.22 cannot run it.
  [
    "_FusedHardSwish",
    (g, x) => g.mul(x, g.op1("HardSigmoid", [x], { alpha: float(1 / 6), beta: float(0.5) })),
  ],
  ["LeakyRelu", (g, x, { attributes }) => g.op1("LeakyRelu", [x], { alpha: float(leakyAlpha(attributes)) })],
]);

/** As an operator it is called alpha, in a fused one leakyrelu_alpha; 0.2 where neither is there. */
const leakyAlpha = (attributes: NodeContext["attributes"]): number =>
  attributes.number("leakyrelu_alpha", attributes.number("alpha", 0.2));

/** The slopes of what is below 0 are those of an input. */
export const prelu = (context: NodeContext, x: Laid, slopes: number): Laid => {
  const { g } = context;
  return x.isFirst
    ? Laid.first(g, g.op1("PRelu", [x.first, context.besideFirst(slopes)]))
    : Laid.last(g, g.op1("PRelu", [x.last, context.laid(slopes).last]));
};

const clipByValue: OperatorConverter = (context) => {
  const [low, high] = [1, 2].map((i) => Number(context.numbers(i, "bounds").data[0]));
  return alone(context, context.laid(0), (g, x) => g.op1("Clip", [x, g.scalar(low), g.scalar(high)]));
};

export const arithmeticOperators: Readonly<Record<string, OperatorConverter>> = {
  Add: ofLengths(sumOfLengths, node("Add")),
  AddV2: ofLengths(sumOfLengths, node("Add")),
  BiasAdd: binary(node("Add")),
  AddN: sumOfAll,
  Sub: ofLengths(differenceOfLengths, node("Sub")),
  Mul: ofLengths(productOfLengths, node("Mul")),
  RealDiv: binary(node("Div")),
  Div: binary(node("Div")),
  FloorDiv: ofLengths(quotientOfLengths, () => {
    throw new ModelError("it divides whole numbers that hang on the images");
  }),
  Maximum: binary(node("Max")),
  Minimum: binary(node("Min")),
  Pow: binary(node("Pow")),
  SquaredDifference: binary((g, a, b) => {
    const difference = g.sub(a, b);
    return g.mul(difference, difference);
  }),
  ...Object.fromEntries([...activations].map(([name, make]) => [name, unary(make)])),
  Prelu: (context) => prelu(context, context.laid(0), 1),
  ClipByValue: clipByValue,
  Abs: unary(one("Abs")),
  Neg: unary(one("Neg")),
  Exp: unary(one("Exp")),
  Log: unary(one("Log")),
  Erf: unary(one("Erf")),
  Sqrt: unary(one("Sqrt")),
  Rsqrt: unary((g, x) => g.op1("Reciprocal", [g.sqrt(x)])),
  Reciprocal: unary(one("Reciprocal")),
  Inv: unary(one("Reciprocal")),
  Square: unary(square),
};
