import type { Classifier } from "../../models/index.ts";
import { narrowKernels } from "../../onnx/index.ts";
import { classifierFile } from "../classifier-file.ts";

/**
 * An ONNX file, with the classes and what the model expects of pixels in its metadata.
 *
 * @param float16  large kernels are stored in half precision
 */
export function halfFile(
  classifier: Classifier,
  float16: boolean,
): { readonly bytes: Uint8Array; readonly notes: readonly string[] } {
  if (!float16) return { bytes: classifierFile(classifier), notes: [] };
  const { graph, narrowed } = narrowKernels(classifier.graph);
  const notes =
    narrowed.length > 0
      ? []
      : [`The model "${graph.name}" has no large kernels; nothing of it is stored in half precision.`];
  return { bytes: classifierFile({ ...classifier, graph }), notes };
}
