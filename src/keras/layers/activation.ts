/** Activations, as functions named in a layer's settings and as layers of their own. */
import { type GraphBuilder, type Value, float } from "../../onnx/index.ts";
import { type LayerConfig, type LayerConverter, number, text } from "./converter.ts";

type Activation = (g: GraphBuilder, x: Value) => Value;

const node =
  (opType: string): Activation =>
  (g, x) =>
    g.op1(opType, [x]);

/** min(max(x, 0), limit). */
const cappedRelu = (g: GraphBuilder, x: Value, limit: number): Value =>
  g.op1("Min", [g.op1("Relu", [x]), g.scalar(limit)]);

/** Activations by TensorFlow.js's names for them. */
const activations: Readonly<Record<string, Activation>> = {
  linear: (_, x) => x,
  relu: node("Relu"),
  relu6: (g, x) => cappedRelu(g, x, 6),
  elu: node("Elu"),
  selu: node("Selu"),
  sigmoid: node("Sigmoid"),
  hardSigmoid: (g, x) => g.op1("HardSigmoid", [x], { alpha: float(0.2), beta: float(0.5) }),
  softplus: node("Softplus"),
  softsign: node("Softsign"),
  tanh: node("Tanh"),
  // Along the channels, which are TensorFlow.js's last axis.
  softmax: (g, x) => g.op1("Softmax", [x], { axis: 1 }),
  logSoftmax: (g, x) => g.op1("LogSoftmax", [x], { axis: 1 }),
  swish: (g, x) => g.mul(x, g.op1("Sigmoid", [x])),
  mish: (g, x) => g.mul(x, g.op1("Tanh", [g.op1("Softplus", [x])])),
  gelu: node("Gelu"),
  gelu_new: (g, x) => g.op1("Gelu", [x], { approximate: "tanh" }),
};

/** What is wrong with a layer's activation, if something is. */
export const activationProblems = (config: LayerConfig): string[] =>
  Object.hasOwn(activations, text(config, "activation"))
    ? []
    : [
        `its activation "${text(config, "activation")}" is unknown. Use one of: ${Object.keys(activations).join(", ")}.`,
      ];

/** The activation that a layer's settings name. */
export const activate = (g: GraphBuilder, x: Value, config: LayerConfig): Value =>
  activations[text(config, "activation")](g, x);

const single = (convert: (g: GraphBuilder, x: Value, config: LayerConfig) => Value): LayerConverter => ({
  convert: ({ g, config }, [x]) => convert(g, x, config),
});

export const activationLayers = {
  Activation: {
    problems: ({ config }) => activationProblems(config),
    convert: ({ g, config }, [x]) => activate(g, x, config),
  },
  ReLU: single((g, x, config) =>
    config.maxValue == null ? g.op1("Relu", [x]) : cappedRelu(g, x, number(config, "maxValue")),
  ),
  LeakyReLU: single((g, x, config) => g.op1("LeakyRelu", [x], { alpha: float(number(config, "alpha")) })),
  ELU: single((g, x) => g.op1("Elu", [x])),
  ThresholdedReLU: single((g, x, config) =>
    g.where(g.greater(x, g.scalar(number(config, "theta"))), x, g.scalar(0)),
  ),
  PReLU: {
    // The slope is [H, W, C], with 1 for each axis that shares it.
    convert({ g, weight }, [x]) {
      const rank = x.shape.length - 1;
      const perm = [rank - 1, ...Array.from({ length: rank - 1 }, (_, i) => i)];
      return g.op1("PRelu", [x, weight("alpha", { perm })]);
    },
  },
  Softmax: {
    problems: ({ config: { axis }, inputShapes: [{ length: rank }] }) =>
      [axis].flat().join() === "-1" || [axis].flat().join() === String(rank - 1)
        ? []
        : [`its axis ${JSON.stringify(axis)} is not the last one, as TensorFlow.js needs. Set it to -1.`],
    convert: ({ g }, [x]) => activations.softmax(g, x),
  },
} satisfies Record<string, LayerConverter>;
