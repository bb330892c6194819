/**
 * EMNIST: handwritten digits and letters in six sets, IDX files under names of their own.
 *
 * Source: Cohen, Afshar, Tapson & van Schaik, "EMNIST: an extension of MNIST to handwritten letters", 2017
 * (arXiv 1702.05373), and the mapping files that come with it.
 */
import { basename, join, resolve } from "node:path";
import { type Dataset, datasetFromArrays } from "./dataset.ts";
import { DataError } from "./errors.ts";
import { listFolder } from "./folder-listing.ts";
import { idxPair, readIdx } from "./idx-folder.ts";
import type { DataSource, StoredSplit } from "./source.ts";

const digits = [..."0123456789"];
const capitals = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
/** Capitals and small letters that look alike are one class. */
const merged = [...digits, ...capitals, ..."abdefghnqrt"];

/** Classes in the order of the labels, and the label of the first. */
const sets: Readonly<Record<string, { readonly classNames: readonly string[]; readonly firstLabel: 0 | 1 }>> =
  {
    balanced: { classNames: merged, firstLabel: 0 },
    bymerge: { classNames: merged, firstLabel: 0 },
    byclass: { classNames: [...digits, ...capitals, ..."abcdefghijklmnopqrstuvwxyz"], firstLabel: 0 },
    digits: { classNames: digits, firstLabel: 0 },
    letters: { classNames: capitals, firstLabel: 1 },
    mnist: { classNames: digits, firstLabel: 0 },
  };

/** What the files are called, for messages. */
export const emnistNames = "emnist-letters-train-images-idx3-ubyte, … of one of EMNIST's sets";

/** Opens a folder of the files of one of EMNIST's sets, plain or gzipped; null when it holds none of them. */
export async function openEmnistFolder(directory: string): Promise<DataSource<StoredSplit> | null> {
  const { files } = await listFolder(directory);
  const found = Object.keys(sets).filter((set) => files.some((file) => file.startsWith(`emnist-${set}-`)));
  if (found.length === 0) return null;
  if (found.length > 1) {
    throw new DataError(
      `${directory} holds ${found.length} of EMNIST's sets: ${found.join(", ")}. Put the files of one into a folder of its own.`,
    );
  }
  const [set] = found;
  return {
    splits: (["train", "test"] as const).filter((split) =>
      files.some((file) => file.startsWith(`emnist-${set}-${split}-`)),
    ),
    async read(split) {
      const fileOf = (part: "images-idx3" | "labels-idx1") => pathOf(directory, files, set, split, part);
      const [imagesFile, labelsFile] = [fileOf("images-idx3"), fileOf("labels-idx1")];
      const stored = idxPair({
        name: `${basename(resolve(directory))}/${split}`,
        images: { file: imagesFile, bytes: await readIdx(imagesFile) },
        labels: { file: labelsFile, bytes: await readIdx(labelsFile) },
        ...sets[set],
      });
      return upright(stored, sets[set].firstLabel);
    },
  };
}

function pathOf(
  directory: string,
  files: readonly string[],
  set: string,
  split: StoredSplit,
  part: string,
): string {
  const name = `emnist-${set}-${split}-${part}-ubyte`;
  const file = [name, `${name}.gz`].find((candidate) => files.includes(candidate));
  if (file !== undefined) return join(directory, file);
  throw new DataError(`${directory} has no ${name}, plain or .gz; found ${files.join(", ")}. Add the file.`);
}

/** The images with rows and columns exchanged: EMNIST stores them by columns. */
function upright({ name, shape, pixels, labels, classNames }: Dataset, firstLabel: number): Dataset {
  const [channels, height, width] = shape;
  const turned = new Uint8Array(pixels.length);
  const area = height * width;
  for (let plane = 0; plane < pixels.length; plane += area) {
    for (let i = 0; i < area; i++) {
      turned[plane + (i % width) * height + Math.floor(i / width)] = pixels[plane + i];
    }
  }
  const notes = [
    `${name}: EMNIST's images are stored with rows and columns exchanged; they are read upright.`,
  ];
  if (firstLabel > 0) {
    const [first, last] = [classNames[0], classNames.at(-1)!];
    notes.push(
      `${name}: labels ${firstLabel} … ${firstLabel + classNames.length - 1} are the classes ${first} … ${last}, counted from 0.`,
    );
  }
  return datasetFromArrays({
    name,
    shape: [channels, width, height],
    pixels: turned,
    labels,
    classNames,
    notes,
  });
}
