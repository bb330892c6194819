/** Where the ONNX file is. */
export const model = new URL("./efficientnet-lite0.onnx", import.meta.url);
