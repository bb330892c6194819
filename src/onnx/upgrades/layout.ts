import { intAttribute, stringAttribute } from "../attribute.ts";
import { type Upgrade, int64s, without } from "./rule.ts";

/** Opset 18 states how many parts there are where their lengths are not given. */
export const splitCount: Upgrade = (node) => [
  node.inputs[1] ? node : { ...node, attributes: { ...node.attributes, num_outputs: node.outputs.length } },
];

/** Opset 10 made how many to take an input. */
export const countToInput: Upgrade = (node, context) => [
  {
    ...node,
    inputs: [node.inputs[0], context.constant(int64s([intAttribute(node, "k")]))],
    attributes: without(node.attributes, "k"),
  },
];

/**
 * Before opset 11 Resize had its scales as second input, and no coordinate mode: positions were divided by the scale.
 * To the nearest element below, as in PyTorch; ONNX Runtime's kernel of that age rounds up where it shrinks.
 */
export const resizeOfTwoInputs: Upgrade = (node) => {
  const [x, scales] = node.inputs;
  const modes = { coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
  return [
    { ...node, opType: "Resize", inputs: [x, "", scales], attributes: { ...node.attributes, ...modes } },
  ];
};

/** Opset 10 replaced Upsample by Resize. */
export const upsample: Upgrade = resizeOfTwoInputs;

/** Opset 11 renamed Scatter. */
export const scatterElements: Upgrade = (node) => [{ ...node, opType: "ScatterElements" }];

/** Opset 20 renamed the modes of GridSample. */
export const gridSampleModes: Upgrade = (node) => {
  const old = stringAttribute(node, "mode", "bilinear");
  const mode = old === "bilinear" ? "linear" : old === "bicubic" ? "cubic" : old;
  return [{ ...node, attributes: { ...node.attributes, mode } }];
};

/** Before opset 16 RoiAlign knew one way to place its regions; the default has since become another. */
export const regionsByCorner: Upgrade = (node) => [
  {
    ...node,
    attributes: { ...node.attributes, coordinate_transformation_mode: "output_half_pixel" },
  },
];
