import { ShapeError, sizeOf } from "../../tensor/index.ts";
import { describeNode, intAttribute, intsAttribute } from "../attribute.ts";
import { type InferenceNode, type InferenceRule, constantNumbers, firstTypeWith, required } from "./rule.ts";
import { resolveWindow } from "../window.ts";

function spatialOf(node: InferenceNode): readonly number[] {
  const { shape } = required(node, 0);
  if (shape.length < 3) {
    throw new ShapeError(`${describeNode(node)} needs [N, C, spatial…]; its input has shape [${shape}].`);
  }
  return shape.slice(2);
}

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
  const { output } = resolveWindow(node, spatial, w.shape.slice(2));
  return firstTypeWith(node, [x.shape[0], w.shape[0], ...output]);
};

/** x [N, Ci, …], w [Ci, Co/group, k…] -> [N, Co, …]; explicit pads and output_padding only. */
const convTranspose: InferenceRule = (node) => {
  const x = required(node, 0);
  const w = required(node, 1);
  const spatial = spatialOf(node);
  const ones = spatial.map(() => 1);
  const zeros = spatial.map(() => 0);
  const strides = intsAttribute(node, "strides", ones);
  const dilations = intsAttribute(node, "dilations", ones);
  const pads = intsAttribute(node, "pads", [...zeros, ...zeros]);
  const extra = intsAttribute(node, "output_padding", zeros);
  if (x.shape[1] !== w.shape[0]) {
    throw new ShapeError(`${describeNode(node)}: input [${x.shape}] and weight [${w.shape}] do not fit.`);
  }
  const output = spatial.map(
    (n, i) =>
      (n - 1) * strides[i] +
      extra[i] +
      (w.shape[i + 2] - 1) * dilations[i] +
      1 -
      pads[i] -
      pads[i + spatial.length],
  );
  return firstTypeWith(node, [x.shape[0], w.shape[1] * intAttribute(node, "group", 1), ...output]);
};

const pool: InferenceRule = (node) => {
  const { dtype, shape } = required(node, 0);
  const { output } = resolveWindow(node, spatialOf(node), intsAttribute(node, "kernel_shape"));
  const pooled = [...shape.slice(0, 2), ...output];
  return [
    { dtype, shape: pooled },
    { dtype: "int64" as const, shape: pooled },
  ].slice(0, node.outputCount);
};

const globalPool: InferenceRule = (node) => {
  const spatial = spatialOf(node);
  return firstTypeWith(node, [...required(node, 0).shape.slice(0, 2), ...spatial.map(() => 1)]);
};

/** The output shape is the third input, which must be given. */
const maxUnpool: InferenceRule = (node) => {
  const shape = required(node, 2).constant;
  if (!shape) throw new ShapeError(`${describeNode(node)} needs its output shape as a constant.`);
  return firstTypeWith(node, Array.from(shape.data as BigInt64Array, Number));
};

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
  MaxPool: pool,
  AveragePool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  Col2Im: col2Im,
  MaxUnpool: maxUnpool,
  BatchNormalization: batchNormalization,
} satisfies Record<string, InferenceRule>;
