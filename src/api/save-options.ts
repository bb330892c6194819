/** Options of `saveClassifier`. */
export interface SaveOptions {
  /**
   * For a `.keras`, `.h5` or model.json of a classifier that was read from an ONNX file: the Keras file, folder or bytes
   * with the layers that it was once made of, which takes its weights.
   */
  like?: string | Uint8Array;
}
