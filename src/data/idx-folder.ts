import { basename, join, resolve } from "node:path";
import { AlignregError } from "../tensor/index.ts";
import { type Dataset, datasetFromArrays } from "./dataset.ts";
import { DataError } from "./errors.ts";
import { listFolder } from "./folder-listing.ts";
import { parseIdxImages, parseIdxLabels } from "./idx.ts";
import { readBytes } from "./read-bytes.ts";
import { unpackIdx } from "./unpack-idx.ts";
import type { DataSource, StoredSplit } from "./source.ts";

export interface IdxFolderOptions {
  /** Default: the folder's name. */
  readonly name?: string;
  /** Default: "0", "1", … up to the greatest label of either split. */
  readonly classNames?: readonly string[];
}

type Part = "images" | "labels";

/** What a split's files are called before their endings. */
const prefixes = { train: "train", test: "t10k" } satisfies Record<StoredSplit, string>;
const endings = { images: ["idx3-ubyte", "idx4-ubyte"], labels: ["idx1-ubyte"] } satisfies Record<
  Part,
  string[]
>;

/**
 * Opens a folder of IDX files under MNIST's names, plain or gzipped; null when it holds none of them.
 * `train-images-idx3-ubyte` and `train-images.idx3-ubyte` are both MNIST's names.
 */
export async function openIdxFolder(
  directory: string,
  { name = basename(resolve(directory)), classNames }: IdxFolderOptions = {},
): Promise<DataSource<StoredSplit> | null> {
  const { files } = await listFolder(directory);
  const fileOf = (split: StoredSplit, part: Part) =>
    candidates(split, part).find((candidate) => files.includes(candidate));
  const splits = (["train", "test"] as const).filter(
    (split) => fileOf(split, "images") ?? fileOf(split, "labels"),
  );
  if (splits.length === 0) return null;

  function pathOf(split: StoredSplit, part: Part): string {
    const file = fileOf(split, part);
    if (file === undefined) {
      throw new DataError(
        `${directory} has no ${part} for the ${split} split: looked for ${idxName(split, part)}, plain or .gz; ` +
          `found ${files.join(", ")}. Add the file, or ask for a split that is there.`,
      );
    }
    return join(directory, file);
  }

  /** Numbers for names, and a note where they leave out 0. */
  async function defaultClasses(): Promise<Pick<IdxPair, "classNames" | "notes">> {
    let [least, greatest] = [Infinity, 0];
    for (const split of splits.filter((split) => fileOf(split, "labels"))) {
      const file = pathOf(split, "labels");
      for (const label of parseIdxLabels(await readIdx(file), file)) {
        least = Math.min(least, label);
        greatest = Math.max(greatest, label);
      }
    }
    const note =
      `${name}: labels run from ${least} to ${greatest}. They are taken for ${greatest + 1} classes from 0, so ` +
      `there is no image of ${least === 1 ? "the first" : `the first ${least}`}. Where labels count from 1, subtract 1 from each.`;
    return {
      classNames: Array.from({ length: greatest + 1 }, (_, label) => String(label)),
      notes: least > 0 ? [note] : undefined,
    };
  }

  return {
    splits,
    async read(split) {
      const [imagesFile, labelsFile] = [pathOf(split, "images"), pathOf(split, "labels")];
      return idxPair({
        name: `${name}/${split}`,
        images: { file: imagesFile, bytes: await readIdx(imagesFile) },
        labels: { file: labelsFile, bytes: await readIdx(labelsFile) },
        ...(classNames ? { classNames } : await defaultClasses()),
      });
    },
  };
}

/** The usual name of a file, for messages. */
export const idxName = (split: StoredSplit, part: Part): string =>
  `${prefixes[split]}-${part}-${endings[part][0]}`;

const candidates = (split: StoredSplit, part: Part): string[] =>
  ["", ".gz"].flatMap((compression) =>
    endings[part].flatMap((ending) =>
      ["-", "."].map((separator) => `${prefixes[split]}-${part}${separator}${ending}${compression}`),
    ),
  );

/**
 * An IDX file's bytes, unpacked when they are gzip. The bytes decide, not the name: browsers unpack a download
 * and keep its `.gz`.
 */
export async function readIdx(file: string): Promise<Uint8Array> {
  const bytes = await readBytes(file);
  if (!(bytes[0] === 0x1f && bytes[1] === 0x8b)) return bytes;
  try {
    return await unpackIdx(bytes, file);
  } catch (cause) {
    if (cause instanceof AlignregError) throw cause;
    throw new DataError(
      `${file} is damaged: its gzip data cannot be unpacked (${(cause as Error).message}). Get the file again.`,
      { cause },
    );
  }
}

interface IdxFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

interface IdxPair {
  readonly name: string;
  readonly images: IdxFile;
  readonly labels: IdxFile;
  readonly classNames: readonly string[];
  /** The label in the file of the first class (default 0). */
  readonly firstLabel?: number;
  readonly notes?: readonly string[];
}

/** The data set of two files. @throws DataError when they do not belong together or labels have no class */
export function idxPair({ name, images, labels, classNames, firstLabel = 0, notes }: IdxPair): Dataset {
  const { shape, pixels, count } = parseIdxImages(images.bytes, images.file);
  const classes = parseIdxLabels(labels.bytes, labels.file);
  if (classes.length !== count) {
    throw new DataError(
      `${images.file} has ${count} images and ${labels.file} has ${classes.length} labels. ` +
        `Use two files of the same split.`,
    );
  }
  const last = firstLabel + classNames.length - 1;
  const outside = classes.findIndex((label) => label < firstLabel || label > last);
  if (outside >= 0) {
    throw new DataError(
      `${labels.file} has label ${classes[outside]} at sample ${outside}; expected ${firstLabel} to ` +
        `${last}, the classes ${classNames.join(", ")}. Use labels that fit the class names.`,
    );
  }
  const indices = Int32Array.from(classes, (label) => label - firstLabel);
  return datasetFromArrays({ name, shape, pixels, labels: indices, classNames, notes });
}
