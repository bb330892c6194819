import { ShapeError } from "../../tensor/index.ts";
import { describeNode } from "../attribute.ts";
import { type InferenceNode, required } from "./rule.ts";

/** The lengths of the spatial axes of a node whose first input is [N, C, spatial…]. */
export function spatialOf(node: InferenceNode): readonly number[] {
  const { shape } = required(node, 0);
  if (shape.length < 3) {
    throw new ShapeError(`${describeNode(node)} needs [N, C, spatial…]; its input has shape [${shape}].`);
  }
  return shape.slice(2);
}
