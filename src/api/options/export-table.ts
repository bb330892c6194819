import { type OptionTable, choice, isRecord, tested, truth } from "../../options/index.ts";
import { type CardResults, type ExportOptions, exportFormats } from "../export/export-options.ts";
import { loadClassifierTable } from "./load-classifier-table.ts";
import { callRows, fileRows } from "./run-options.ts";

const isResults = (value: unknown): value is CardResults =>
  isRecord(value) && value.schema === "alignreg-test";

/** Every option of `exportClassifier`; `to` must be given. */
export const exportTable = {
  to: choice(exportFormats, {
    description: "what the model is written as; must be given",
    flag: "--to <form>",
    alias: ["format", "form", "as", "type", "target"],
  }),
  float16: truth({
    description: 'for "onnx": large kernels are stored in half precision, computed with in single precision',
    default: false,
    flag: "--float16",
    alias: ["half", "fp16", "quantize"],
  }),
  results: tested<CardResults>(isResults, "what evaluate gives", {
    description: 'for "card": what evaluate gave for the model on test images',
    otherwise: "none",
    alias: ["scores", "evaluation", "test"],
  }),
  ...fileRows,
  classNames: loadClassifierTable.classNames,
  imageShape: {
    ...loadClassifierTable.imageShape,
    description: "one image, [C, H, W]",
    otherwise: "what the model says",
  },
  onNote: callRows.onNote,
} satisfies OptionTable<ExportOptions>;
