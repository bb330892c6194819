import { type Transforms } from "../../augment/index.ts";
import { pictureTable } from "../../data/picture-table.ts";
import { type OptionTable, callback, tested, whole } from "../../options/index.ts";
import type { PredictionOptions } from "../prediction-options.ts";
import { callRows, classRows, fileRows, runtimeRows, transformsRow } from "./run-options.ts";

const { size, channels, resize, cropShare, interpolation, exif, transformBeforeCrop } = pictureTable;
const { alias, flag } = transformsRow("");

/** Every option of `predict`. */
export const predictTable = {
  transforms: tested<Transforms | null>(
    () => true,
    "a family of transforms, a specification of one, or null",
    {
      description: "family under whose views an answer is stable or not; null for none",
      otherwise: "the one that the model was trained for, else rotation()",
      flag,
      alias,
    },
  ),
  ...fileRows,
  classMap: {
    ...classRows.classMap,
    description: "the model's class names in the order of the logits, or by name a logit's index",
    otherwise: "the model's own names",
  },
  ...{ size, channels, resize, cropShare, interpolation, exif, transformBeforeCrop },
  batchSize: whole({
    description: "pictures predicted at a time",
    otherwise: "50, or fewer where so many have more than 8 MiB",
    flag: "--batch-size <n>",
    alias: ["batch"],
  }),
  ...runtimeRows,
  onProgress: callback({
    description: "called after each batch, with the pictures answered so far, of how many",
  }),
  signal: callRows.signal,
  onNote: callRows.onNote,
} satisfies OptionTable<PredictionOptions>;
