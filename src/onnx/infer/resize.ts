import { resizedAxes } from "../resized-axes.ts";
import { type InferenceRule, firstTypeWith } from "./rule.ts";

const resize: InferenceRule = (node) =>
  firstTypeWith(
    node,
    resizedAxes(node).map(({ length }) => length),
  );

export const resizeInference = { Resize: resize } satisfies Record<string, InferenceRule>;
