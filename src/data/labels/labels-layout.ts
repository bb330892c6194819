/** Images in a folder whose classes a file says. */
import { basename, join, relative, resolve } from "node:path";
import { classFiles, leftOutNotes } from "../class-files.ts";
import { confusableNames, shownName } from "../class-names.ts";
import { DataError } from "../errors.ts";
import type { FolderLayout } from "../folder-layout.ts";
import type { LabelledFiles } from "../labelled-files.ts";
import { listed } from "../listed.ts";
import type { Split } from "../source.ts";
import { splitOf } from "../split-names.ts";
import { FileFinder } from "./match-files.ts";
import { readLabels } from "./read-labels.ts";

interface LabelledImage {
  readonly file: string;
  readonly className: string;
  readonly split: Split | null;
}

/**
 * The images of a folder, at any depth, with the labels of a file. Splits are those of a column, or of the folders `train`, `val` and
 * `test` that the images lie in; where there are neither, the same images serve as any.
 *
 * @throws DataError where no image has a label, or two lines give one image two
 */
export async function openLabelsLayout(
  directory: string,
  labelsFile: string,
  columns?: readonly [image: string, label: string],
): Promise<FolderLayout> {
  const { labels, notes } = await readLabels(labelsFile, columns);
  const { images: files, others } = await classFiles(directory);
  const paths = files.map((file) => relative(directory, file).replaceAll("\\", "/"));
  const finder = new FileFinder(paths);
  const found = new Map<number, { readonly image: LabelledImage; readonly at: string }>();
  const missing: string[] = [];
  let empty = 0;
  for (const { image, label, split, at } of labels) {
    const place = finder.find(image, `${labelsFile}, ${at}`);
    if (place < 0) missing.push(image);
    else if (label === "") empty++;
    else {
      const earlier = found.get(place);
      if (earlier && earlier.image.className !== label) {
        throw new DataError(
          `${labelsFile} gives ${paths[place]} two classes: ${JSON.stringify(earlier.image.className)} in ${earlier.at} and ` +
            `${JSON.stringify(label)} in ${at}. Leave one out.`,
        );
      }
      const bySplit = split ?? splitOf(paths[place].split("/")[0]) ?? null;
      found.set(place, { image: { file: files[place], className: label, split: bySplit }, at });
    }
  }
  if (found.size === 0) {
    throw new DataError(
      `No image in ${directory} has a label in ${labelsFile}, which names ${listed(
        labels.map((each) => each.image),
        3,
      )}; ` +
        `the folder has ${listed(paths, 3) || "no images"}. Give the folder that holds them, or another column (--label-columns).`,
    );
  }
  const images = [...found].sort(([a], [b]) => a - b).map(([, { image }]) => image);
  const classNames = namesOf(images, labelsFile);
  const splits = splitsOf(images);
  const name = basename(resolve(directory));
  const unlabelled = files.length - found.size;
  const said = [
    ...notes,
    ...leftOutNotes(
      name,
      others.filter((file) => resolve(file) !== resolve(labelsFile)),
    ),
    ...(unlabelled > 0
      ? [
          `${name}: ${unlabelled} of ${files.length} images ${unlabelled === 1 ? "has" : "have"} no label in ${labelsFile} and ` +
            `${unlabelled === 1 ? "is" : "are"} left out.`,
        ]
      : []),
    ...(missing.length > 0
      ? [
          `${labelsFile}: ${missing.length} of ${labels.length} images ${missing.length === 1 ? "is" : "are"} not in the folder, as ` +
            `${missing[0]}.`,
        ]
      : []),
    ...(empty > 0 ? [`${labelsFile}: ${empty === 1 ? "1 line has" : `${empty} lines have`} no class.`] : []),
  ];
  return {
    splits,
    // eslint-disable-next-line @typescript-eslint/require-await -- what is wrong is a rejection
    async files(split): Promise<LabelledFiles> {
      const own = splits.length === 0 ? images : images.filter((image) => image.split === split);
      if (own.length === 0) {
        throw new DataError(
          `${directory} has no ${split} split by ${labelsFile}: found ${splits.join(", ")}. Give the file that has its labels, or ` +
            `hold images out when you train: --validation 0.2, --test 0.2.`,
        );
      }
      return {
        name: splits.length === 0 ? name : join(name, split),
        files: own.map(({ file }) => file),
        labels: Int32Array.from(own, ({ className }) => classNames.indexOf(className)),
        classNames,
        notes: said,
        isUnsplit: splits.length === 0,
      };
    },
  };
}

/** Numbers in their order, names in that of their code points, as folders of classes. */
function namesOf(images: readonly LabelledImage[], labelsFile: string): string[] {
  const names = [...new Set(images.map(({ className }) => className))];
  const [pair] = confusableNames(names);
  if (pair) {
    throw new DataError(
      `${labelsFile} has the classes ${shownName(pair[0])} and ${shownName(pair[1])}, which differ in case, spaces or Unicode ` +
        `form only. Write both the same way if they are one class.`,
    );
  }
  const areNumbers = names.every((name) => /^\d+$/.test(name));
  return areNumbers
    ? names.sort((a, b) => Number(a) - Number(b))
    : names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** The splits, where each image is of one and they are two at least. */
function splitsOf(images: readonly LabelledImage[]): Split[] {
  const splits = (["train", "validation", "test"] as const).filter((split) =>
    images.some((image) => image.split === split),
  );
  return splits.length > 1 && images.every(({ split }) => split !== null) ? splits : [];
}
