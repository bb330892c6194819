import type { Value } from "../onnx/index.ts";

/** The model as the objective sees it: from images to logits and to every named tensor. */
export interface ForwardPass {
  readonly logits: Value;
  named(tensor: string): Value | undefined;
}
