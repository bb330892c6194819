/**
 * Files of the zoo that are refused with a named error, never trained wrongly. A file that can be trained by now fails its
 * test and leaves the list.
 */
export const refusedForms: ReadonlySet<string> = new Set([
  // momentum=None: statistics that would never move.
  "batch-norm-cumulative-plain-opset17.onnx",
  // Batch statistics in evaluation mode: an image's logits depend on its batch.
  "batch-norm-stateless-plain-opset17-batch4.onnx",
]);

/** Files that the test procedure refuses. */
export const untestableForms: ReadonlySet<string> = new Set([
  // As above.
  "batch-norm-stateless-plain-opset17-batch4.onnx",
]);
