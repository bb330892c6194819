import { CURRENT_OPSET } from "../graph.ts";
import { batchNormalizationOutputs, flattenedSoftmax, scalePerGroup, swishInParts } from "./normalization.ts";
import {
  countToInput,
  gridSampleModes,
  regionsByCorner,
  resizeOfTwoInputs,
  scatterElements,
  splitCount,
  upsample,
} from "./layout.ts";
import { type Upgrade, attributesToInputs } from "./rule.ts";

const axesToInput = attributesToInputs("axes");

/**
 * By operator: the opset at which its form changed, and how a node of the older form becomes one of the newer. A form
 * that ONNX Runtime cannot run counts as older than all.
 */
const table: Readonly<Record<string, readonly (readonly [since: number, Upgrade])[]>> = {
  Softmax: [[13, flattenedSoftmax]],
  LogSoftmax: [[13, flattenedSoftmax]],
  Hardmax: [[13, flattenedSoftmax]],
  Squeeze: [[13, axesToInput]],
  Unsqueeze: [[13, axesToInput]],
  ReduceSum: [[13, axesToInput]],
  ReduceMean: [[18, axesToInput]],
  ReduceMax: [[18, axesToInput]],
  ReduceMin: [[18, axesToInput]],
  ReduceProd: [[18, axesToInput]],
  ReduceL1: [[18, axesToInput]],
  ReduceL2: [[18, axesToInput]],
  ReduceLogSum: [[18, axesToInput]],
  ReduceLogSumExp: [[18, axesToInput]],
  ReduceSumSquare: [[18, axesToInput]],
  Split: [
    [13, attributesToInputs("split")],
    [18, splitCount],
  ],
  Dropout: [[12, attributesToInputs("ratio")]],
  BatchNormalization: [[14, batchNormalizationOutputs]],
  Clip: [[11, attributesToInputs("min", "max")]],
  Pad: [[11, attributesToInputs("pads", "value")]],
  GroupNormalization: [[21, scalePerGroup]],
  Swish: [[CURRENT_OPSET + 1, swishInParts]],
  TopK: [[10, countToInput]],
  Resize: [[11, resizeOfTwoInputs]],
  Upsample: [[10, upsample]],
  GridSample: [[20, gridSampleModes]],
  RoiAlign: [[16, regionsByCorner]],
  Scatter: [[11, scatterElements]],
  Slice: [[10, attributesToInputs("starts", "ends", "axes")]],
};

export const upgrades: ReadonlyMap<string, readonly (readonly [since: number, Upgrade])[]> = new Map(
  Object.entries(table),
);
