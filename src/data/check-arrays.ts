import {
  type OptionTable,
  areNames,
  checkOptions,
  checkRecord,
  isArrayLike,
  shown,
  string,
  tested,
  truth,
} from "../options/index.ts";
import { type PictureRule, UsageError, isPictureRule } from "../tensor/index.ts";
import type { DatasetArrays } from "./dataset-type.ts";

/** What `datasetFromArrays` takes. Shapes and values it checks itself. */
export const datasetArrays = {
  name: string({ description: "what manifests and messages call it" }),
  shape: tested<DatasetArrays["shape"]>(isArrayLike, "[channels, height, width]", {
    description: "one image, [C, H, W]",
  }),
  pixels: tested<ArrayLike<number>>(isArrayLike, "an array of whole numbers from 0 to 255", {
    description: "[N, C, H, W], whole numbers from 0 to 255",
    alias: ["images", "data", "x", "xs"],
  }),
  labels: tested<ArrayLike<number>>(isArrayLike, "an array of class indices", {
    description: "[N], class indices from 0",
    alias: ["y", "ys", "targets", "classes"],
  }),
  classNames: tested<readonly string[]>(areNames, "a list of strings", {
    description: "a name for each class, in the order of the indices",
    alias: ["names", "classNames", "labelNames"],
    advice: (value) =>
      Array.isArray(value) && value.every((name) => typeof name === "number")
        ? `Give [${value.map((name) => `"${String(name)}"`).join(", ")}].`
        : undefined,
  }),
  notes: tested<readonly string[]>(areNames, "a list of strings", {
    description: "what a user should know of it, which fit and evaluate then say",
    otherwise: "nothing",
  }),
  files: tested<readonly string[]>(areNames, "a list of strings", {
    description: "where each image comes from, for reports",
    otherwise: "not known",
  }),
  isUnsplit: truth({ description: "the same images serve for training and for testing", default: false }),
  pictures: tested<PictureRule>(isPictureRule, "{ resize, cropShare, interpolation, exif }", {
    description: "how picture files became images, which a model that is trained on them says",
    otherwise: "not known",
  }),
} satisfies OptionTable<DatasetArrays>;

/** @throws UsageError for a member that is missing, or of another kind */
export function checkArrays(arrays: DatasetArrays): void {
  const where = "datasetFromArrays";
  checkRecord(where, "argument", arrays, "an object with name, shape, pixels, labels and classNames");
  // A data set that is spread to make another one of brings along what is made anew.
  const names = Object.keys(arrays).filter((name) => name !== "hash" && name !== "read");
  const own = Object.fromEntries(names.map((name) => [name, arrays[name as keyof DatasetArrays]]));
  checkOptions(where, datasetArrays, own as unknown as DatasetArrays);
  const missing = Object.entries(datasetArrays).find(
    ([name, { otherwise, default: standard }]: [string, { otherwise?: unknown; default?: unknown }]) =>
      otherwise === undefined &&
      standard === undefined &&
      (arrays as unknown as Record<string, unknown>)[name] === undefined,
  );
  if (missing) {
    const [name, { needed }] = missing;
    throw new UsageError(`${where} needs ${name}: ${needed}. It got ${shown(arrays)}.`);
  }
}
