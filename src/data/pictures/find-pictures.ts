/** Which pictures are meant by paths of files and folders. */
import { stat } from "node:fs/promises";
import { classFiles, leftOutNotes } from "../class-files.ts";
import { DataError } from "../errors.ts";

export interface FoundPictures {
  readonly files: readonly string[];
  /** What of folders was left out, a sentence for each. */
  readonly notes: readonly string[];
}

/**
 * The files that are named, whatever they are, and the images in the folders, at any depth; in the order in which they are
 * named. A file that is not there is a picture that cannot be read.
 *
 * @throws DataError for a folder without images, or that cannot be listed
 */
export async function findPictures(paths: readonly string[]): Promise<FoundPictures> {
  const files: string[] = [];
  const notes: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory()) {
      files.push(path);
      continue;
    }
    const { images, others } = await classFiles(path);
    const left = leftOutNotes(path, others);
    if (images.length === 0) {
      throw new DataError(
        `There are no images in ${path}.${left.length > 0 ? ` ${left[0]}` : ""} Give image files, or another folder.`,
      );
    }
    for (const image of images) files.push(image);
    notes.push(...left);
  }
  return { files, notes };
}
