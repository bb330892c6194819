/** Operators that sample images at computed places. */
import { ShapeError } from "../../tensor/index.ts";
import { describeNode } from "../attribute.ts";
import { type InferenceRule, constantNumbers, firstTypeWith, required } from "./rule.ts";

/** X [N, C, D1 … Dr] and grid [N, P1 … Pr, r] -> [N, C, P1 … Pr]. */
const gridSample: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const grid = required(node, 1).shape;
  const axes = shape.length - 2;
  if (axes < 1 || grid.length !== shape.length || grid[0] !== shape[0] || grid.at(-1) !== axes) {
    throw new ShapeError(
      `${describeNode(node)}: a grid [${grid}] does not fit images [${shape}]; ` +
        `it must be [${shape[0]}, one length for each of ${axes} axes, ${axes}].`,
    );
  }
  return firstTypeWith(node, [shape[0], shape[1], ...grid.slice(1, -1)]);
};

/** theta [N, r, r + 1] and a constant size [N, C, P1 … Pr] -> a grid [N, P1 … Pr, r]. */
const affineGrid: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  required(node, 1);
  const size = constantNumbers(node, 1)!;
  const axes = size.length - 2;
  if (shape.join() !== [size[0], axes, axes + 1].join()) {
    throw new ShapeError(
      `${describeNode(node)}: theta [${shape}] does not fit the size [${size}]; it must be ` +
        `[${size[0]}, ${axes}, ${axes + 1}].`,
    );
  }
  return firstTypeWith(node, [size[0], ...size.slice(2), axes]);
};

export const samplingInference = {
  GridSample: gridSample,
  AffineGrid: affineGrid,
} satisfies Record<string, InferenceRule>;
