/** Activations as functions of a value, by the names that TensorFlow.js and Keras have for them. */
import { type GraphBuilder, type Value, float } from "../../onnx/index.ts";

export type Activation = (g: GraphBuilder, x: Value) => Value;

const node =
  (opType: string): Activation =>
  (g, x) =>
    g.op1(opType, [x]);

/** min(max(x, 0), limit). */
export const cappedRelu = (g: GraphBuilder, x: Value, limit: number): Value =>
  g.op1("Min", [g.op1("Relu", [x]), g.scalar(limit)]);

const clip = (g: GraphBuilder, x: Value, low: number, high: number): Value =>
  g.op1("Clip", [x, g.scalar(low), g.scalar(high)]);

/** x where |x| > 1/2, else 0. */
const hardShrink: Activation = (g, x) => g.where(g.greater(g.op1("Abs", [x]), g.scalar(0.5)), x, g.scalar(0));

/** sign(x)·max(|x| − 1/2, 0). */
const softShrink: Activation = (g, x) =>
  g.sub(g.op1("Relu", [g.sub(x, g.scalar(0.5))]), g.op1("Relu", [g.sub(g.neg(x), g.scalar(0.5))]));

const hardSigmoid =
  (alpha: number): Activation =>
  (g, x) =>
    g.op1("HardSigmoid", [x], { alpha: float(alpha), beta: float(0.5) });

const silu: Activation = (g, x) => g.mul(x, g.op1("Sigmoid", [x]));
const logSoftmax: Activation = (g, x) => g.op1("LogSoftmax", [x], { axis: 1 });
const hardSilu: Activation = (g, x) => g.mul(x, hardSigmoid(1 / 6)(g, x));
export const tanhGelu: Activation = (g, x) => g.op1("Gelu", [x], { approximate: "tanh" });

export const activations: ReadonlyMap<string, Activation> = new Map<string, Activation>([
  ["linear", (_, x) => x],
  ["relu", node("Relu")],
  ["relu6", (g, x) => cappedRelu(g, x, 6)],
  ["elu", node("Elu")],
  ["celu", node("Celu")],
  ["selu", node("Selu")],
  ["sigmoid", node("Sigmoid")],
  ["log_sigmoid", (g, x) => g.neg(g.op1("Softplus", [g.neg(x)]))],
  // TensorFlow.js's and Keras 2's, min(max(x/5 + 1/2, 0), 1) …
  ["hardSigmoid", hardSigmoid(0.2)],
  // … and Keras 3's, min(max(x/6 + 1/2, 0), 1).
  ["hard_sigmoid", hardSigmoid(1 / 6)],
  ["hard_silu", hardSilu],
  ["hard_swish", hardSilu],
  ["hard_tanh", (g, x) => clip(g, x, -1, 1)],
  ["softplus", node("Softplus")],
  ["softsign", node("Softsign")],
  ["tanh", node("Tanh")],
  ["tanh_shrink", (g, x) => g.sub(x, g.op1("Tanh", [x]))],
  ["soft_shrink", softShrink],
  ["hard_shrink", hardShrink],
  // (x + √(x² + 4))/2
  ["squareplus", (g, x) => g.scale(g.add(x, g.sqrt(g.add(g.mul(x, x), g.scalar(4)))), 0.5)],
  // Along the channels, which are Keras's last axis.
  ["softmax", (g, x) => g.op1("Softmax", [x], { axis: 1 })],
  ["logSoftmax", logSoftmax],
  ["log_softmax", logSoftmax],
  ["silu", silu],
  ["swish", silu],
  ["mish", (g, x) => g.mul(x, g.op1("Tanh", [g.op1("Softplus", [x])]))],
  ["gelu", node("Gelu")],
  ["gelu_new", tanhGelu],
  ["leaky_relu", (g, x) => g.op1("LeakyRelu", [x], { alpha: float(0.2) })],
  ["exponential", node("Exp")],
]);
