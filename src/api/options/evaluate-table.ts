import { classResultsTable, distances, rangeSearchTable } from "../../evaluate/index.ts";
import { type OptionTable, callback, choice, string, whole } from "../../options/index.ts";
import type { EvaluateOptions } from "../evaluate-options.ts";
import { cacheLimitRow, callRows, classRows, fileRows, runtimeRows, transformsRow } from "./run-options.ts";

/** Every option of `evaluate`. */
export const evaluateTable = {
  transforms: transformsRow("family of shifts to test under"),
  ...rangeSearchTable,
  ...fileRows,
  ...classRows,
  embedding: string({
    description: "tensor that the invariance score compares",
    otherwise: "the logits",
    flag: "--embedding <tensor>",
    alias: ["align", "representation", "features"],
  }),
  distance: choice(Object.keys(distances) as (keyof typeof distances)[], {
    description: "what the invariance score finds nearest copies by",
    default: "l2",
    flag: "--distance <name>",
    alias: ["metric"],
  }),
  batchSize: whole({
    description: "images predicted at a time",
    otherwise: "50, or fewer where so many have more than 8 MiB",
    flag: "--batch-size <n>",
    alias: ["batch"],
  }),
  cache: string({
    description: "folder that keeps what is computed before the model's head; other tests use it too",
    otherwise: "nothing is kept",
    flag: "--cache <dir>",
    alias: ["cacheDir", "featureCache", "cacheFolder"],
  }),
  cacheLimit: cacheLimitRow,
  jobs: whole({
    description:
      "processes that share a search of a range, with --threads each, of 0 the cores divided by the jobs",
    otherwise: "none beside this one",
    flag: "--jobs <n>",
    alias: ["workers", "processes", "numWorkers"],
  }),
  hardest: classResultsTable.hardest,
  seed: whole({ description: "seed of the bootstrap intervals", default: 0, flag: "--seed <n>" }, 0),
  ...runtimeRows,
  ...callRows,
  onCacheProgress: callback({ description: "called while the cache is filled" }),
  onProgress: callback({
    description: "called after each batch, with the images predicted so far, of how many",
  }),
} satisfies OptionTable<EvaluateOptions>;
