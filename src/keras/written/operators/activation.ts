import { floatAttribute, intAttribute, stringAttribute } from "../../../onnx/index.ts";
import { normalizeAxis, numbersOf } from "../../../tensor/index.ts";
import { type LayerRule, refuse } from "../writer.ts";
import { shifted } from "./normalization.ts";

/** An activation that Keras has under a name. */
const named =
  (activation: string): LayerRule =>
  (writer, node) =>
    writer.same("Activation", writer.input(node), { activation });

const relu: LayerRule = (writer, node) => writer.same("ReLU", writer.input(node), { max_value: null });

/** max(low, min(high, x)): ReLU with a bound, of x that is moved so that it begins at 0. */
const clip: LayerRule = (writer, node) => {
  const x = writer.input(node);
  const [low, high] = [1, 2].map((index, i) => {
    const given = writer.constant(node, index);
    const bound = given ? numbersOf(given)[0] : i === 0 ? -Infinity : Infinity;
    return Math.abs(bound) > 3.4e38 ? Math.sign(bound) * Infinity : bound;
  });
  if (low === -Infinity && high === Infinity) return x;
  if (low === -Infinity) {
    const under = writer.same("ReLU", shifted(writer, x, -1, high), { max_value: null });
    return shifted(writer, under, -1, high);
  }
  const moved = low === 0 ? x : shifted(writer, x, 1, -low);
  const most = high === Infinity ? null : Math.max(high - low, 0);
  const bounded = writer.same("ReLU", moved, { max_value: most });
  return low === 0 ? bounded : shifted(writer, bounded, 1, low);
};

/** max(0, min(1, αx + β)) */
const hardSigmoid: LayerRule = (writer, node) => {
  const [alpha, beta] = [floatAttribute(node, "alpha", 0.2), floatAttribute(node, "beta", 0.5)];
  return writer.same("ReLU", shifted(writer, writer.input(node), alpha, beta), { max_value: 1 });
};

/** |x| = max(x, 0) + max(−x, 0) */
const absolute: LayerRule = (writer, node) => {
  const x = writer.input(node);
  const [above, below] = [x, shifted(writer, x, -1, 0)].map((side) =>
    writer.same("ReLU", side, { max_value: null }),
  );
  return { ...x, layer: writer.add({ className: "Add", inputs: [above.layer, below.layer] }) };
};

const leakyRelu: LayerRule = (writer, node) =>
  writer.same("LeakyReLU", writer.input(node), { alpha: floatAttribute(node, "alpha", 0.01) });

const elu: LayerRule = (writer, node) =>
  writer.same("ELU", writer.input(node), { alpha: floatAttribute(node, "alpha", 1) });

const softmax: LayerRule = (writer, node) => {
  const x = writer.input(node);
  const axis = normalizeAxis(intAttribute(node, "axis", -1), x.shape.length + 1) - 1;
  if (axis !== x.channelAxis) refuse(node, "it is not along the channels");
  return writer.same("Softmax", x, { axis: -1 });
};

/** x·Φ(x): TensorFlow.js knows the exact one alone, from its version 4 on. */
const gelu: LayerRule = (writer, node) => {
  const isExact = stringAttribute(node, "approximate", "none") === "none";
  return writer.same("Activation", writer.input(node), { activation: isExact ? "gelu" : "gelu_new" });
};

export const activations = {
  Relu: relu,
  Clip: clip,
  HardSigmoid: hardSigmoid,
  Abs: absolute,
  LeakyRelu: leakyRelu,
  Elu: elu,
  Selu: named("selu"),
  Sigmoid: named("sigmoid"),
  Tanh: named("tanh"),
  Softplus: named("softplus"),
  Softsign: named("softsign"),
  Mish: named("mish"),
  Gelu: gelu,
  Softmax: softmax,
} satisfies Record<string, LayerRule>;
