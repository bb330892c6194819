/** Which files of a folder are images of which class and split: names alone, no file is read. */
import { basename, join, resolve } from "node:path";
import { looseNotes, unusedFolderNotes, wrappingNotes } from "./beside-classes.ts";
import { agreedClassNames } from "./class-folders.ts";
import { classFiles, imageExtensions, isStray, leftOutNotes, phoneAdvice } from "./class-files.ts";
import { normalizedClassName } from "./class-names.ts";
import { DataError } from "./errors.ts";
import { listFolder } from "./folder-listing.ts";
import { type FoundSplit, findSplits } from "./found-splits.ts";
import type { LabelledFiles } from "./labelled-files.ts";
import type { Split } from "./source.ts";
import { isUnlabelledFolder } from "./unlabelled.ts";
import { splitOf } from "./split-names.ts";

/** A folder of images by class, found but not yet listed. */
export interface FolderLayout {
  /** None where the same images serve as any. */
  readonly splits: readonly Split[];
  /** @throws DataError when the split is missing, or its classes cannot be told */
  files(split: Split): Promise<LabelledFiles>;
}

/**
 * Finds `DIR/train/CLASS/*.png` and `DIR/test/CLASS/*.png`, or `DIR/CLASS/*.png`, which serves as any split; null where
 * the folder holds no such folders. Classes are numbered by name. All splits have the same ones; an empty folder stands
 * for a class that a split has no images of.
 */
export async function openFolderLayout(directory: string): Promise<FolderLayout | null> {
  const name = basename(resolve(directory));
  const splits = await findSplits(directory);

  if (splits.length === 0) {
    const all = (await listFolder(directory)).folders.filter((folder) => !isStray(folder));
    const folders = all.filter((folder) => !isUnlabelledFolder(folder));
    const unlabelled = placesOf(directory, all);
    // Images straight in train/ and test/ are a split without labels, not two classes of those names.
    const areClasses = folders.some((folder) => splitOf(folder) === undefined);
    if (!areClasses) return null;
    const held = await Promise.all(folders.map((folder) => classFiles(join(directory, folder))));
    if (!held.some(({ images }) => images.length > 0)) {
      const advice = phoneAdvice(held.flatMap(({ others }) => others));
      if (advice === "") return null;
      throw new DataError(`${directory} has folders of pictures, none of which can be read.${advice}`);
    }
    return {
      splits: [],
      async files() {
        const classNames = agreedClassNames(directory, [{ place: "", folders }]);
        const beside = await wrappingNotes(name, directory, folders);
        return labelledFiles({ name, directory, classNames, folders, unlabelled, beside, isUnsplit: true });
      },
    };
  }
  const others = (await listFolder(directory)).folders.filter(
    (folder) =>
      !isStray(folder) && !isUnlabelledFolder(folder) && !splits.some((split) => split.folder === folder),
  );
  const top = placesOf(directory, (await listFolder(directory)).folders);
  return {
    splits: splits.map((each) => each.split),
    async files(split) {
      const found = splits.find((candidate) => candidate.split === split);
      if (found === undefined) {
        throw new DataError(
          `${directory} has no ${split} split: looked for ${join(directory, split)}/CLASS/, found only ` +
            `${splits.map((other) => `${other.folder}/`).join(", ")}. ${adviceOn(split, splits)}`,
        );
      }
      const places = splits.map((each) => ({ place: `${each.folder}/`, folders: each.classes }));
      return labelledFiles({
        name: `${name}/${split}`,
        directory: join(directory, found.folder),
        classNames: agreedClassNames(directory, places),
        folders: found.classes,
        // Those beside the splits are for training: a test has no use of them.
        unlabelled: [
          ...placesOf(join(directory, found.folder), found.unlabelled),
          ...(split === "train" ? top : []),
        ],
        beside: await unusedFolderNotes(name, directory, others),
        mayLack: splits.length > 1,
      });
    },
  };
}

/** The folders of images without a label among these. */
const placesOf = (directory: string, folders: readonly string[]): string[] =>
  folders.filter(isUnlabelledFolder).map((folder) => join(directory, folder));

function adviceOn(split: Split, splits: readonly FoundSplit[]): string {
  const has = (name: Split) => splits.some((each) => each.split === name);
  if (split === "test" && has("validation"))
    return "Add the folder, or test on the images for validation: --split validation.";
  if (split === "train")
    return "Add the folder, or pass a folder of class folders, which serves as any split.";
  return `Add the folder, or hold images of ${has("train") ? "train/" : "another one"} out when you train: --${split} 0.2.`;
}

interface ClassFolders {
  /** The data set's name. */
  readonly name: string;
  readonly directory: string;
  readonly classNames: readonly string[];
  /** As the file system names them. */
  readonly folders: readonly string[];
  /** Paths of folders whose images have no label. */
  readonly unlabelled: readonly string[];
  /** What is said of folders that are no classes. */
  readonly beside: readonly string[];
  /** Whether an empty folder may stand for a class without images. */
  readonly mayLack?: boolean;
  readonly isUnsplit?: boolean;
}

async function labelledFiles(classes: ClassFolders): Promise<LabelledFiles> {
  const { name, directory, classNames, folders, unlabelled, beside, mayLack, isUnsplit } = classes;
  const files: string[] = [];
  const labels: number[] = [];
  const left: string[] = [];
  for (const each of folders) {
    const folder = join(directory, each);
    const { images, others } = await classFiles(folder);
    const isEmpty = others.length === 0;
    if (images.length === 0 && !(mayLack && isEmpty)) {
      throw new DataError(
        `The class folder ${folder} has no images: looked for *${imageExtensions.join(", *")}; found ` +
          `${
            others
              .slice(0, 3)
              .map((file) => basename(file))
              .join(", ") || "no files"
          }.${phoneAdvice(others)} Add images or remove the folder.`,
      );
    }
    const label = classNames.indexOf(normalizedClassName(each));
    for (const file of images) {
      files.push(file);
      labels.push(label);
    }
    left.push(...others);
  }
  for (const folder of files.length === 0 ? [] : unlabelled) {
    const { images, others } = await classFiles(folder);
    for (const file of images) {
      files.push(file);
      labels.push(-1);
    }
    left.push(...others);
  }
  if (files.length === 0) throw new DataError(`${directory} has no images: its class folders are empty.`);
  const notes = [...beside, ...(await looseNotes(name, directory)), ...leftOutNotes(name, left)];
  return { name, files, labels: Int32Array.from(labels), classNames, notes, isUnsplit };
}
