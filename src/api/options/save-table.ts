import { type OptionTable, isBytes, tested } from "../../options/index.ts";
import type { SaveOptions } from "../save-options.ts";

/** Every option of `saveClassifier`. */
export const saveTable = {
  like: tested<string | Uint8Array>(
    (value) => isBytes(value) || (typeof value === "string" && value !== ""),
    "the path or the bytes of a Keras file",
    {
      description:
        "for .keras, .h5 and model.json: the Keras file whose layers the classifier has, if it was read from an ONNX file",
      otherwise: "the file that the classifier was made of",
      alias: ["origin", "template", "keras"],
    },
  ),
} satisfies OptionTable<SaveOptions>;
