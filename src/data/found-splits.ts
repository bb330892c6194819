/** Which folders of a data set are its splits. */
import { join } from "node:path";
import { isStray } from "./class-files.ts";
import { DataError } from "./errors.ts";
import { listFolder } from "./folder-listing.ts";
import type { Split } from "./source.ts";
import { isUnlabelledFolder } from "./unlabelled.ts";
import { splitOf } from "./split-names.ts";

export interface FoundSplit {
  readonly split: Split;
  /** As the file system names it. */
  readonly folder: string;
  readonly classes: readonly string[];
  /** Folders inside it of images without a label. */
  readonly unlabelled: readonly string[];
}

/** `train` and `test` are splits when they hold folders; with images in them, beside others, they are classes. @throws DataError */
export async function findSplits(directory: string): Promise<FoundSplit[]> {
  const { folders } = await listFolder(directory);
  const found: FoundSplit[] = [];
  for (const wanted of ["train", "validation", "test"] as const) {
    const present = folders.filter((folder) => splitOf(folder) === wanted);
    const holding: FoundSplit[] = [];
    for (const folder of present) {
      const inside = (await listFolder(join(directory, folder))).folders.filter((name) => !isStray(name));
      const unlabelled = inside.filter(isUnlabelledFolder);
      const classes = inside.filter((each) => !unlabelled.includes(each));
      if (inside.length > 0) holding.push({ split: wanted, folder, classes, unlabelled });
    }
    if (holding.length > 1) {
      throw new DataError(
        `${directory} has ${holding.map(({ folder }) => `${folder}/`).join(" and ")}, which both name the ${wanted} split. ` +
          `Join them, or rename one.`,
      );
    }
    found.push(...holding);
  }
  // A class may be called "val"; a folder beside it that names no split says so.
  return found.some(({ split }) => split !== "validation") ? found : [];
}
