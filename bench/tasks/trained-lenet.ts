import { fileURLToPath } from "node:url";

/** A LeNet trained on MNIST, input "x", of the tests' fixtures. */
export const TRAINED_LENET = fileURLToPath(
  new URL("../../test/fixtures/evaluate/lenet.onnx", import.meta.url),
);
