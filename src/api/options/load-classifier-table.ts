import { type OptionTable, isImageShape, string, tested } from "../../options/index.ts";
import type { LoadClassifierOptions } from "../load-classifier-options.ts";
import { fileRows } from "./run-options.ts";

/** Every option of `loadClassifier`. */
export const loadClassifierTable = {
  ...fileRows,
  weights: string({
    description: "safetensors file whose tensors take the place of an ONNX file's initializers, by name",
    otherwise: "none",
    alias: ["weightsPath", "checkpoint", "stateDict", "safetensors"],
  }),
  classNames: tested<readonly string[]>(areNames, "a list of strings", {
    description: "names of the classes, in the order of the logits",
    otherwise: "what the file says",
    alias: ["classes", "labels", "names"],
  }),
  imageShape: tested<readonly [number, number, number]>(isImageShape, "[channels, height, width]", {
    description: "one image, [C, H, W], for a Keras model that leaves its size open",
    otherwise: "what the file says",
    alias: ["shape", "imageSize", "inputShape"],
  }),
} satisfies OptionTable<LoadClassifierOptions>;

function areNames(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string");
}
