/**
 * Files of the zoo that are refused with a named error, never trained wrongly: operators that the newer exporter writes
 * and that have no gradient here yet (SplitToSequence, Attention, RotaryEmbedding). A file that can be
 * trained by now fails its test and leaves the list.
 */
export const refusedForms: ReadonlySet<string> = new Set([
  "cross-attention-dynamo-opset23.onnx",
  "cross-attention-dynamo-plain-opset18.onnx",
  "tv-shufflenet-dynamo-plain-opset18.onnx",
  "encoder-layer-dynamo-opset23.onnx",
  "masked-attention-dynamo-plain-opset18.onnx",
  "timm-eva-dynamo-plain-opset18.onnx",
  "timm-vit-registers-dynamo-plain-opset18.onnx",
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
