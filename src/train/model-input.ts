import { type Classifier, normalize } from "../models/index.ts";
import type { GraphBuilder, Value } from "../onnx/index.ts";

/** Pixels [N, C, H, W] in [0, 1] as the classifier's graph takes them: normalised, and with channels last if it wants so. */
export function modelInput(g: GraphBuilder, classifier: Classifier, pixels: Value): Value {
  const { normalization, channelsLast = false } = classifier;
  const images = normalization ? normalize(g, pixels, normalization) : pixels;
  return channelsLast ? g.transpose(images, [0, 2, 3, 1]) : images;
}
