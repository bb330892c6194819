import { type Shape, ShapeError, normalizeAxis } from "../../tensor/index.ts";
import { describeNode, intAttribute } from "../attribute.ts";
import type { ValueType } from "../value.ts";
import { type InferenceNode, type InferenceRule, required, sameAsFirst } from "./rule.ts";

/** Inputs `indices`, where given, broadcast to x without making it larger. */
function checkBroadcast(node: InferenceNode, indices: readonly number[]): void {
  const { shape } = required(node, 0);
  for (const index of indices) {
    const given = node.inputs[index];
    if (given && !broadcastsTo(given.shape, shape)) {
      throw new ShapeError(
        `${describeNode(node)}: input ${index} has shape [${given.shape}], which does not broadcast to [${shape}].`,
      );
    }
  }
}

/** Whether `shape` broadcasts to `target` without making it larger. */
const broadcastsTo = (shape: Shape, target: Shape): boolean =>
  shape.length <= target.length &&
  shape.every((length, i) => length === 1 || length === target[target.length - shape.length + i]);

/** x [N, C, …], with one scale and one bias for each channel. */
function checkPerChannel(node: InferenceNode): number {
  const { shape } = required(node, 0);
  if (shape.length < 3) {
    throw new ShapeError(`${describeNode(node)} needs [N, C, spatial…]; its input has shape [${shape}].`);
  }
  for (const index of [1, 2]) {
    const given = required(node, index).shape;
    if (given.join() !== String(shape[1])) {
      throw new ShapeError(
        `${describeNode(node)}: input ${index} has shape [${given}], expected [${shape[1]}].`,
      );
    }
  }
  return shape[1];
}

/** y, and as outputs 1 and 2 the mean and 1/√(variance + ε) of each row, whose normalized axes keep length 1. */
const layerNormalization: InferenceRule = (node) => {
  required(node, 1);
  checkBroadcast(node, [1, 2]);
  const { shape } = required(node, 0);
  const axis = normalizeAxis(intAttribute(node, "axis", -1), shape.length);
  const statistics: ValueType = { dtype: "float32", shape: shape.map((n, i) => (i < axis ? n : 1)) };
  return [...sameAsFirst(node), statistics, statistics].slice(0, node.outputCount);
};

const rmsNormalization: InferenceRule = (node) => {
  required(node, 1);
  checkBroadcast(node, [1]);
  normalizeAxis(intAttribute(node, "axis", -1), required(node, 0).shape.length);
  return sameAsFirst(node);
};

const instanceNormalization: InferenceRule = (node) => {
  checkPerChannel(node);
  return sameAsFirst(node);
};

const groupNormalization: InferenceRule = (node) => {
  const channels = checkPerChannel(node);
  const groups = intAttribute(node, "num_groups");
  if (groups < 1 || channels % groups !== 0) {
    throw new ShapeError(
      `${describeNode(node)} cannot form ${groups} groups of equal size from ${channels} channels.`,
    );
  }
  return sameAsFirst(node);
};

/** ‖x‖ is the sum of absolute values (p = 1) or Euclidean (p = 2). */
const lpNormalization: InferenceRule = (node) => {
  const p = intAttribute(node, "p", 2);
  if (p !== 1 && p !== 2) throw new ShapeError(`${describeNode(node)} has p = ${p}; ONNX defines 1 and 2.`);
  normalizeAxis(intAttribute(node, "axis", -1), required(node, 0).shape.length);
  return sameAsFirst(node);
};

/** ONNX allows even windows and any rank; ONNX Runtime 1.30 does not run them. */
const localResponse: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  if (shape.length !== 4) {
    throw new ShapeError(`${describeNode(node)} needs [N, C, H, W]; its input has shape [${shape}].`);
  }
  const size = intAttribute(node, "size");
  if (size < 1 || size % 2 === 0) {
    throw new ShapeError(`${describeNode(node)} has size ${size}; only windows of odd size can be run.`);
  }
  return sameAsFirst(node);
};

export const normalizationInference = {
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
  LpNormalization: lpNormalization,
  LRN: localResponse,
} satisfies Record<string, InferenceRule>;
