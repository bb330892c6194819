import { areNames, isBytes, isImageShape, isRecord, isThenable, kindOf, refuse } from "../options/index.ts";
import { ShapeError, UsageError, sizeOf } from "../tensor/index.ts";
import type { Dataset } from "./dataset-type.ts";
import type { ImageSource } from "./image-source.ts";

/**
 * Checks what a public function got as its data set: its members and its labels, not every pixel.
 *
 * @throws UsageError for what is none, or has labels of no class; ShapeError when its arrays disagree
 */
export function checkSource(where: string, what: string, value: unknown): asserts value is ImageSource {
  if (!isSource(value)) refuse(where, what, value, "a data set", datasetAdvice(value));
  if ("pixels" in value) checkDataset(where, what, value);
  else checkLabels(value);
}

/** The same for functions that need all pixels at once. */
export function checkDataset(where: string, what: string, value: unknown): asserts value is Dataset {
  checkIsDataset(where, what, value);
  const { name, shape, pixels, labels } = value;
  if (pixels.length !== labels.length * sizeOf(shape)) {
    throw new ShapeError(
      `The data set ${name} has ${pixels.length} pixel values for ${labels.length} images of shape [${shape}]. ` +
        `Make it by datasetFromArrays, which checks them.`,
    );
  }
  checkLabels(value);
}

/** A label may be −1, for none. */
function checkLabels({ name, labels, classNames }: ImageSource): void {
  const outside = labels.findIndex((label) => label < -1 || label >= classNames.length);
  if (outside < 0) return;
  throw new UsageError(
    `The data set ${name} has label ${labels[outside]} at sample ${outside}; with ${classNames.length} classes labels are ` +
      `whole numbers from 0 to ${classNames.length - 1}. Make it by datasetFromArrays, which checks them.`,
  );
}

/** @throws UsageError for a data set some of whose images have no label */
export function checkLabelled({ name, labels }: ImageSource, purpose: string): void {
  const unknown = labels.reduce((count, label) => (label < 0 ? count + 1 : count), 0);
  if (unknown === 0) return;
  throw new UsageError(
    `${unknown} of the ${labels.length} images of ${name} have no label (-1), which ${purpose} needs. Leave them out: ` +
      `subset(data, indices, name) takes those at some indices.`,
  );
}

/** The same for functions that are called for each batch: looks at no label. @throws UsageError for what is none */
export function checkIsDataset(where: string, what: string, value: unknown): asserts value is Dataset {
  if (!isDataset(value)) refuse(where, what, value, "a data set", datasetAdvice(value));
}

export const isSource = (value: unknown): value is ImageSource =>
  isRecord(value) &&
  typeof value.read === "function" &&
  typeof value.name === "string" &&
  isImageShape(value.shape) &&
  kindOf(value.labels) === "Int32Array" &&
  areNames(value.classNames) &&
  (value.notes === undefined || areNames(value.notes));

export const isDataset = (value: unknown): value is Dataset =>
  isRecord(value) &&
  isImageShape(value.shape) &&
  isBytes(value.pixels) &&
  kindOf(value.labels) === "Int32Array" &&
  areNames(value.classNames) &&
  (value.notes === undefined || areNames(value.notes));

/** What to give in place of what is no data set. */
function datasetAdvice(value: unknown): string {
  if (isThenable(value)) return "";
  if (typeof value === "string") return `Read it first: await loadData(${JSON.stringify(value)}, "train").`;
  if (typeof value === "function") return value.name === "mnist" ? "Give (await mnist()).train." : "";
  const made = "Make one of arrays by datasetFromArrays.";
  if (!isRecord(value)) return made;
  const parts = ["train", "test", "validation"].filter((part) => isRecord(value[part]));
  if (parts.length > 0) return `Give one of its parts: ${parts.map((part) => `data.${part}`).join(" or ")}.`;
  if ("graph" in value || "layers" in value) return "The model comes first, then the data.";
  if ("pixels" in value || "labels" in value) return "Make it by datasetFromArrays, from the same members.";
  if ("dtype" in value || "images" in value)
    return `Make one of tensors by datasetFromTensors of "alignreg/tfjs".`;
  return made;
}
