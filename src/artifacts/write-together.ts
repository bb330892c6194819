import { dirname, join } from "node:path";
import { checkPlaces } from "./check-places.ts";
import { makeFolder, removeEmpty } from "./make-folder.ts";
import { type StagedFile, stagedFile } from "./staged-file.ts";
import { WriteError } from "./write-error.ts";

/**
 * Writes the files of a folder, all or none: each lies whole on the disk before the first takes its place, and then they do, in
 * their order. Other files of the folder stay.
 *
 * @param files  by their names in the folder; what names the others goes last
 * @throws WriteError when one cannot be written; the old files are as they were, and nothing else is left
 */
export async function writeTogether(
  folder: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): Promise<void> {
  const places = [...files].map(([name, content]) => ({ path: join(folder, name), content }));
  checkPlaces(places.map(({ path }) => path));
  const made = [...new Set([folder, ...places.map(({ path }) => dirname(path))])].map(makeFolder);
  const staged: { readonly path: string; readonly file: StagedFile }[] = [];
  for (const { path, content } of places) {
    try {
      staged.push({ path, file: await stagedFile(path, content) });
    } catch (error) {
      for (const { file } of staged) await file.discard();
      made.reverse().forEach(removeEmpty);
      throw new WriteError(path, error);
    }
  }
  for (const [index, { path, file }] of staged.entries()) {
    await file.commit().catch(async (error: unknown) => {
      for (const later of staged.slice(index + 1)) await later.file.discard();
      throw new WriteError(path, error);
    });
  }
}
