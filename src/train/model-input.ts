import { type Classifier, preprocess } from "../models/index.ts";
import type { GraphBuilder, Value } from "../onnx/index.ts";

/** Pixels [N, C, H, W] in [0, 1] as the classifier's graph takes them: preprocessed, and with channels last if it wants so. */
export function modelInput(g: GraphBuilder, classifier: Classifier, pixels: Value): Value {
  const images = preprocess(g, pixels, classifier);
  return classifier.channelsLast ? g.transpose(images, [0, 2, 3, 1]) : images;
}
