import { tensor } from "../../tensor/index.ts";
import { floatAttribute, intAttribute } from "../attribute.ts";
import { type Upgrade, int64s, step, without } from "./rule.ts";

/** Before opset 13 softmax ran over all axes from `axis` on (default 1), flattened into one. */
export const flattenedSoftmax: Upgrade = (node, context) => {
  const axis = intAttribute(node, "axis", 1);
  const [x] = node.inputs;
  const [flat, result, shape] = [context.fresh(), context.fresh(), context.fresh()];
  return [
    step(node, "Shape", [x], shape),
    step(node, "Flatten", [x], flat, { axis }),
    { ...node, inputs: [flat], outputs: [result], attributes: { axis: -1 } },
    step(node, "Reshape", [result, shape], node.outputs[0]),
  ];
};

/** Before opset 21 scale and bias were per group: instance normalization with the groups in place of the channels. */
export const scalePerGroup: Upgrade = (node, context) => {
  const [x, scale, bias] = node.inputs;
  const [grouped, result, shape] = [context.fresh(), context.fresh(), context.fresh()];
  const groups = context.constant(int64s([0, intAttribute(node, "num_groups"), -1]));
  const attributes = without(node.attributes, "num_groups");
  return [
    step(node, "Shape", [x], shape),
    step(node, "Reshape", [x, groups], grouped),
    step(node, "InstanceNormalization", [grouped, scale, bias], result, attributes),
    step(node, "Reshape", [result, shape], node.outputs[0]),
  ];
};

/** x·sigmoid(α·x): ONNX Runtime 1.30 has no kernel for Swish. */
export const swishInParts: Upgrade = (node, context) => {
  const [x] = node.inputs;
  const alpha = floatAttribute(node, "alpha", 1);
  const gate = context.fresh();
  const gated = step(node, "Mul", [x, gate], node.outputs[0]);
  if (alpha === 1) return [step(node, "Sigmoid", [x], gate), gated];
  const scaled = context.fresh();
  const factor = context.constant(tensor("float32", [], Float32Array.of(alpha)));
  return [step(node, "Mul", [x, factor], scaled), step(node, "Sigmoid", [scaled], gate), gated];
};

/** Opset 14 replaced the five training outputs by `training_mode` and three. */
export const batchNormalizationOutputs: Upgrade = (node) => [
  node.outputs.slice(1).every((output) => output === "")
    ? { ...node, outputs: node.outputs.slice(0, 1) }
    : { ...node, outputs: node.outputs.slice(0, 3), attributes: { ...node.attributes, training_mode: 1 } },
];
