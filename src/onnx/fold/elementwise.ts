import { type DType, isFloat, numbersOf, sizeOf } from "../../tensor/index.ts";
import { intAttribute } from "../attribute.ts";
import { dtypeOf } from "../tensor-proto.ts";
import { type Fold, broadcastStrides, dot, forEachIndex, make, single } from "./fold.ts";

/** `f` of the elements under broadcasting; it also gets the element type of the first input. */
const elementwise = (f: (dtype: DType, ...x: number[]) => number): Fold =>
  single((_, constants, type) => {
    const values = constants.map(numbersOf);
    const strides = constants.map((c) => broadcastStrides(c.shape, type.shape.length));
    const result = new Float64Array(sizeOf(type.shape));
    forEachIndex(type.shape, (index, i) => {
      result[i] = f(constants[0].dtype, ...values.map((v, k) => v[dot(index, strides[k])]));
    });
    return make(type, result);
  });

const cast = single((node, [source], type) => {
  if (source.dtype === type.dtype) return source;
  const to = dtypeOf(intAttribute(node, "to"), "Cast");
  const values = numbersOf(source);
  if (to === "bool")
    return make(
      type,
      values.map((v) => Number(v !== 0)),
    );
  return make(type, isFloat(to) ? values : values.map(Math.trunc));
});

const divide = (dtype: DType, a: number, b: number) => (isFloat(dtype) ? a / b : Math.trunc(a / b));

/** The result has the sign of the divisor, or with `fmod` that of the dividend. */
const modulo: Fold = (node, constants, types) => {
  const isDividend = intAttribute(node, "fmod", 0) === 1;
  return elementwise((_, a, b) => (isDividend ? a % b : ((a % b) + b) % b))(node, constants, types);
};

const power = (dtype: DType, a: number, b: number) => (isFloat(dtype) ? a ** b : Math.trunc(a ** b));

/** To the nearest integer, halves to the even one. */
const round = (x: number) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

export const elementwiseFolds: Readonly<Record<string, Fold>> = {
  Cast: cast,
  Neg: elementwise((_, x) => -x),
  Abs: elementwise((_, x) => Math.abs(x)),
  Sign: elementwise((_, x) => Math.sign(x)),
  Floor: elementwise((_, x) => Math.floor(x)),
  Ceil: elementwise((_, x) => Math.ceil(x)),
  Round: elementwise((_, x) => round(x)),
  Sqrt: elementwise((_, x) => Math.sqrt(x)),
  Reciprocal: elementwise((_, x) => 1 / x),
  Not: elementwise((_, x) => 1 - x),
  Add: elementwise((_, a, b) => a + b),
  Sub: elementwise((_, a, b) => a - b),
  Mul: elementwise((_, a, b) => a * b),
  Div: elementwise(divide),
  Mod: modulo,
  Pow: elementwise(power),
  Max: elementwise((_, ...x) => Math.max(...x)),
  Min: elementwise((_, ...x) => Math.min(...x)),
  And: elementwise((_, a, b) => a & b),
  Or: elementwise((_, a, b) => a | b),
  Xor: elementwise((_, a, b) => a ^ b),
  Equal: elementwise((_, a, b) => Number(a === b)),
  Greater: elementwise((_, a, b) => Number(a > b)),
  GreaterOrEqual: elementwise((_, a, b) => Number(a >= b)),
  Less: elementwise((_, a, b) => Number(a < b)),
  LessOrEqual: elementwise((_, a, b) => Number(a <= b)),
  Where: elementwise((_, condition, a, b) => (condition ? a : b)),
};
