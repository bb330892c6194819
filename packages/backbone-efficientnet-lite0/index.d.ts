/** Where the ONNX file is, a file: URL. */
export declare const model: URL;
