import { type Classifier, cardMetadata, checkClassifier } from "../models/index.ts";
import { modelOf, writeModel } from "../onnx/index.ts";

/**
 * The bytes of a classifier's ONNX file, with its classes and what it expects of pixels in the metadata (docs/metadata.md).
 *
 * @param metadata  key-value pairs to store besides
 */
export function classifierFile(classifier: Classifier, metadata: Record<string, string> = {}): Uint8Array {
  checkClassifier("classifierFile", "classifier", classifier);
  return writeModel(modelOf(classifier.graph, { ...cardMetadata(classifier), ...metadata }));
}
