import { ShapeError, type Shape, sizeOf } from "../../tensor/index.ts";
import { describeNode, intAttribute, intsAttribute } from "../attribute.ts";
import { resolveTransposedWindow } from "../transposed-window.ts";
import { resolveWindow } from "../window.ts";
import { type InferenceNode, type InferenceRule, constantNumbers, firstTypeWith, required } from "./rule.ts";
import { spatialOf } from "./spatial.ts";

/** x [N, Ci, …], w [Co, Ci/group, k…], b [Co] -> [N, Co, …] */
const conv: InferenceRule = (node) => {
  const x = required(node, 0);
  const w = required(node, 1);
  const group = intAttribute(node, "group", 1);
  const spatial = spatialOf(node);
  if (w.shape.length !== x.shape.length || x.shape[1] !== w.shape[1] * group || w.shape[0] % group !== 0) {
    throw new ShapeError(
      `${describeNode(node)}: input [${x.shape}] and weight [${w.shape}] with group ${group} do not fit; ` +
        `the weight must be [Co, Ci/group, kernel…].`,
    );
  }
  const bias = node.inputs[2];
  if (bias && bias.shape.join() !== String(w.shape[0])) {
    throw new ShapeError(`${describeNode(node)}: bias [${bias.shape}] must be [${w.shape[0]}].`);
  }
  const { output } = resolveWindow(node, spatial, kernelOf(node));
  return firstTypeWith(node, [x.shape[0], w.shape[0], ...output]);
};

/** x [N, Ci, …], w [Ci, Co/group, k…], b [Co] -> [N, Co, …] */
const convTranspose: InferenceRule = (node) => {
  const x = required(node, 0);
  const w = required(node, 1);
  const group = intAttribute(node, "group", 1);
  const spatial = spatialOf(node);
  if (w.shape.length !== x.shape.length || x.shape[1] !== w.shape[0] || x.shape[1] % group !== 0) {
    throw new ShapeError(
      `${describeNode(node)}: input [${x.shape}] and weight [${w.shape}] with group ${group} do not fit; ` +
        `the weight must be [Ci, Co/group, kernel…].`,
    );
  }
  const channels = w.shape[1] * group;
  const bias = node.inputs[2];
  if (bias && bias.shape.join() !== String(channels)) {
    throw new ShapeError(`${describeNode(node)}: bias [${bias.shape}] must be [${channels}].`);
  }
  const { output } = resolveTransposedWindow(node, spatial, kernelOf(node));
  return firstTypeWith(node, [x.shape[0], channels, ...output]);
};

/**
 * The kernel's lengths, by the weight. What the attribute says of them must agree: ONNX Runtime 1.30 ends the process over a
 * window that is longer than the image.
 *
 * @throws ShapeError
 */
function kernelOf(node: InferenceNode): Shape {
  const kernel = required(node, 1).shape.slice(2);
  const said = intsAttribute(node, "kernel_shape", kernel);
  if (said.join() === kernel.join()) return kernel;
  throw new ShapeError(`${describeNode(node)} has kernel_shape [${said}], and a weight of [${kernel}].`);
}

/** Columns [N, C·block…, L], summed into images [N, C, image…]; image and block shapes are constants. */
const col2Im: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const image = constantNumbers(node, 1) ?? [];
  const block = sizeOf(constantNumbers(node, 2) ?? []);
  if (shape.length !== 3 || shape[1] % block !== 0) {
    throw new ShapeError(`${describeNode(node)}: columns [${shape}] are not blocks of ${block} elements.`);
  }
  return firstTypeWith(node, [shape[0], shape[1] / block, ...image]);
};

/** Inference form: y. Training form: y, running mean, running variance. */
const batchNormalization: InferenceRule = (node) => {
  const x = required(node, 0);
  const channels = x.shape[1] ?? 1;
  for (const index of [1, 2, 3, 4]) {
    const { shape } = required(node, index);
    if (shape.join() !== String(channels)) {
      throw new ShapeError(
        `${describeNode(node)}: input ${index} has shape [${shape}], expected [${channels}].`,
      );
    }
  }
  const { dtype } = required(node, 3);
  const statistics = { dtype, shape: [channels] };
  return [{ dtype: x.dtype, shape: x.shape }, statistics, statistics].slice(0, node.outputCount);
};

export const convolutionInference = {
  Conv: conv,
  ConvTranspose: convTranspose,
  Col2Im: col2Im,
  BatchNormalization: batchNormalization,
} satisfies Record<string, InferenceRule>;
