/** Files of the zoo that cannot be trained: each is refused with a named error, never trained wrongly. */
export const refusedForms: ReadonlySet<string> = new Set<string>([]);

/** Files that ONNX Runtime or the test procedure refuses, with the reason. */
export const untestableForms: ReadonlySet<string> = new Set<string>([
  // Batch statistics in evaluation mode: an image's logits depend on its batch.
  "batch-norm-stateless-plain-opset17-batch4.onnx",
]);
