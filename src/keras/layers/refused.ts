/** Layers that have no counterpart here, with what to do instead; a sentence each. */
const outside = "do it before the images are saved, or in what you train on, and build the model without it.";

export const refused: ReadonlyMap<string, string> = new Map([
  [
    "Lambda",
    "its function is Python code, which cannot be read. Write it with layers or operations of Keras.",
  ],
  ["TFSMLayer", "it holds a TensorFlow graph. Build the model of layers."],
  ["JaxLayer", "its function is Python code, which cannot be read. Build the model of layers."],
  ["FlaxLayer", "its function is Python code, which cannot be read. Build the model of layers."],
  ["TorchModuleWrapper", "it holds a PyTorch module. Export the module with torch.onnx.export."],
  ["Discretization", `it makes categories of numbers: ${outside}`],
  ["CategoryEncoding", `it makes vectors of categories: ${outside}`],
  ["Hashing", `it makes categories of values: ${outside}`],
  ["StringLookup", `it takes texts: ${outside}`],
  ["IntegerLookup", `it takes categories: ${outside}`],
  ["TextVectorization", `it takes texts: ${outside}`],
  ["Equalization", `it changes every image by its own histogram: ${outside}`],
  ["AutoContrast", `it changes every image by its own range: ${outside}`],
  [
    "RandomCrop",
    "it cuts at random in training and resizes in tests. Use CenterCrop or Resizing, and fit's crop.",
  ],
  ["LSTM", "recurrent layers are not supported. Use convolutions or attention."],
  ["GRU", "recurrent layers are not supported. Use convolutions or attention."],
  ["SimpleRNN", "recurrent layers are not supported. Use convolutions or attention."],
  ["Bidirectional", "recurrent layers are not supported. Use convolutions or attention."],
  ["TimeDistributed", "layers around layers are not supported. Call the layer itself on a reshaped value."],
  ["Masking", "it makes a mask, and images have none. Build the model without it."],
  [
    "SpectralNormalization",
    "it changes its layer's weights in training by a power iteration. Build the model without it.",
  ],
]);
