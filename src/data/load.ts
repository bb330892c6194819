import { stat } from "node:fs/promises";
import {
  type OptionTable,
  checkOptions,
  checkString,
  isImageShape,
  isRecord,
  refuse,
  string,
  tested,
} from "../options/index.ts";
import { UsageError, isStatedPictures } from "../tensor/index.ts";
import { terminalLine } from "../text/index.ts";
import { openCifar10 } from "./cifar10.ts";
import { cifar10BatchNames, openCifar10Batches } from "./cifar10-batches.ts";
import type { Dataset } from "./dataset.ts";
import { emnistNames, openEmnistFolder } from "./emnist.ts";
import { DataError } from "./errors.ts";
import { listFolder } from "./folder-listing.ts";
import { idxName, openIdxFolder } from "./idx-folder.ts";
import { imageExtensions } from "./class-files.ts";
import { type ImageFolderOptions, openImageFolder } from "./image-folder.ts";
import type { ImageSource } from "./image-source.ts";
import { openMnist } from "./mnist.ts";
import { pictureTable } from "./picture-table.ts";
import type { DataSource, Split, StoredSplit } from "./source.ts";

/** Options for folders of images; other sources have no options and reject these. */
export type LoadOptions = ImageFolderOptions;

/** The rows of {@link LoadOptions}; what the images allow, the reader of folders says. */
export const loadTable = {
  size: pictureTable.size,
  channels: pictureTable.channels,
  labels: string({
    description: "a CSV, text or JSON file that says each image's class",
    otherwise: "folders are classes",
    alias: ["labelsFile", "csv", "annotations"],
  }),
  labelColumns: tested<NonNullable<LoadOptions["labelColumns"]>>(
    (value) => Array.isArray(value) && value.length === 2 && value.every((name) => typeof name === "string"),
    "[the column of images, the column of classes]",
    { description: "columns of that file", otherwise: "found by their names", alias: ["columns"] },
  ),
  like: tested<NonNullable<LoadOptions["like"]>>(isTaken, "a model, or [channels, height, width]", {
    description:
      "a model, or one image as it takes it: what is not given of size, channels and resize is the model's own",
    otherwise: "as stored",
    alias: ["imageShape", "model"],
  }),
  resize: pictureTable.resize,
  cropShare: pictureTable.cropShare,
  interpolation: pictureTable.interpolation,
  transformBeforeCrop: pictureTable.transformBeforeCrop,
  exif: pictureTable.exif,
} satisfies OptionTable<LoadOptions>;

/** A shape, a classifier, or what of one says which images it takes. */
function isTaken(value: unknown): boolean {
  if (!isRecord(value)) return isImageShape(value);
  const { imageShape, pictures, graph } = value;
  const isSaid = imageShape !== undefined || pictures !== undefined || graph !== undefined;
  const isShape = imageShape === undefined || isImageShape(imageShape);
  return isSaid && isShape && (pictures === undefined || isStatedPictures(pictures));
}

/** Data sets that come with the package, by name. */
const builtIn: Readonly<Record<string, () => DataSource<StoredSplit> | Promise<DataSource<StoredSplit>>>> = {
  mnist: openMnist,
  cifar10: openCifar10,
};

/** Names that stand for data sets of the package before they stand for folders. */
export const builtInNames: readonly string[] = Object.keys(builtIn);

/**
 * Reads a data set by name, or from a folder of IDX files, EMNIST's among them, CIFAR-10's batches or images by class; what the folder holds decides.
 * A folder called like a built-in data set is reached as `./mnist`.
 *
 * @throws DataError when nothing readable is there; UsageError for an option that the source does not have
 */
export async function loadData(
  nameOrPath: string,
  split: Split,
  options: LoadOptions = {},
): Promise<Dataset> {
  checkPlace("loadData", nameOrPath, split);
  return (await find("loadData", nameOrPath, options)).read(split);
}

/**
 * The same images without holding them all: a folder of images whose pixels do not fit into a share of the memory is decoded
 * when they are read, ahead of who reads them. Values, order and hash do not depend on it. The hash is that of the files, which
 * is another than that of `loadData`'s pixels.
 *
 * @example
 * const { model } = await fit(withNewHead(backbone, { classNames }), await openData("photos", "train", { size: 224 }));
 *
 * @throws DataError when nothing readable is there; UsageError for an option that the source does not have. Reading throws
 *         DataError for a file that cannot be decoded, is gone, or has changed since it was opened
 */
export async function openData(
  nameOrPath: string,
  split: Split,
  options: LoadOptions = {},
): Promise<ImageSource> {
  checkPlace("openData", nameOrPath, split);
  const found = await find("openData", nameOrPath, options);
  return found.open ? found.open(split) : found.read(split);
}

/**
 * The splits that a data set has; none where the same images serve as any.
 *
 * @throws DataError when nothing readable is there
 */
export const dataSplits = async (nameOrPath: string, options: LoadOptions = {}): Promise<readonly Split[]> =>
  (await find("dataSplits", nameOrPath, options)).splits;

const splitNames: readonly Split[] = ["train", "validation", "test"];

function checkPlace(where: string, nameOrPath: string, split: Split): void {
  checkString(where, "data", nameOrPath, "a data set's name or the path of a folder");
  if (!splitNames.includes(split)) refuse(where, "split", split, '"train", "validation" or "test"');
}

async function find(where: string, nameOrPath: string, options: LoadOptions): Promise<DataSource> {
  checkOptions(where, loadTable, options);
  if (Object.hasOwn(builtIn, nameOrPath)) {
    rejectOptions(nameOrPath, options);
    return withoutValidation(nameOrPath, await builtIn[nameOrPath]());
  }
  await checkFolder(nameOrPath);
  for (const open of [openIdxFolder, openEmnistFolder, openCifar10Batches]) {
    const found = await open(nameOrPath);
    if (!found) continue;
    rejectOptions(nameOrPath, options);
    return withoutValidation(nameOrPath, found);
  }
  const images = await openImageFolder(nameOrPath, options);
  if (images) return images;
  throw await unknownLayout(nameOrPath);
}

/** A data set whose format has no place for images for validation. */
const withoutValidation = (name: string, source: DataSource<StoredSplit>): DataSource => ({
  splits: source.splits,
  async read(split) {
    if (split !== "validation") return source.read(split);
    throw new DataError(
      `${name} has no images for validation, only ${source.splits.join(" and ")}. Hold some of those for training out: ` +
        `--validation 0.1, or splitSource(data, { validation: 0.1 }).`,
    );
  },
});

async function checkFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new DataError(
      `There is no data set "${path}": it is neither built in (${builtInNames.join(", ")}) nor a folder ` +
        `that can be reached. Check the path.`,
    );
  }
  if (!found.isDirectory()) {
    throw new DataError(`${path} is a file. Pass the folder that holds the data set.`);
  }
}

function rejectOptions(nameOrPath: string, options: LoadOptions): void {
  const given = Object.entries(options).flatMap(([option, value]) =>
    value === undefined || option === "like" ? [] : [option],
  );
  if (given.length > 0) {
    throw new UsageError(
      `The data set "${nameOrPath}" has no option ${given.join(" or ")}: its images are used as stored. ` +
        `Leave the option out; it is for folders of image files.`,
    );
  }
}

async function unknownLayout(directory: string): Promise<DataError> {
  const { folders, files } = await listFolder(directory);
  const found = [...folders.map((folder) => `${folder}/`), ...files];
  const shown = found.length > 8 ? [...found.slice(0, 8), `and ${found.length - 8} more`] : found;
  const images = `*${imageExtensions.join(", *")}`;
  const lines = [
    `${directory} ${found.length === 0 ? "is empty" : "is not laid out as a data set"}. Looked for:`,
    `  ${idxName("train", "images")}, ${idxName("train", "labels")}, ` +
      `${idxName("test", "images")}, ${idxName("test", "labels")} (plain or .gz)`,
    `  ${emnistNames}`,
    `  ${cifar10BatchNames}`,
    `  train/CLASS/ and test/CLASS/ with ${images}`,
    `  CLASS/ with ${images}`,
    `  images anywhere, with --labels FILE (labels), which says each one's class`,
    `Found: ${shown.join(", ") || "nothing"}. Use one of these layouts; docs/data.md has examples.`,
  ];
  return new DataError(lines.map(terminalLine).join("\n"), { isLaidOut: true });
}
