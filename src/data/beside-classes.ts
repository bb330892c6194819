/** What of a folder's images no class folder holds, and folders that hold the data set rather than being one. */
import { join } from "node:path";
import { isImage, isStray } from "./class-files.ts";
import { listFolder } from "./folder-listing.ts";
import { listed } from "./listed.ts";
import { splitOf } from "./split-names.ts";

/**
 * Images that lie beside the class folders, a sentence; none where there are none.
 *
 * @param name  the data set's
 */
export async function looseNotes(name: string, directory: string): Promise<string[]> {
  const loose = (await listFolder(directory)).files.filter((file) => !isStray(file) && isImage(file));
  if (loose.length === 0) return [];
  const are = loose.length === 1 ? "1 image lies" : `${loose.length} images lie`;
  return [
    `${name}: ${are} beside the class folders, as ${join(directory, loose[0])}, and ` +
      `${loose.length === 1 ? "is" : "are"} left out. Move what is to count into the folder of its class.`,
  ];
}

/**
 * Folders with images beside those of the splits, a sentence; none where there are none.
 *
 * @param others  the folders that are no splits
 */
export async function unusedFolderNotes(
  name: string,
  directory: string,
  others: readonly string[],
): Promise<string[]> {
  const holding: string[] = [];
  for (const folder of others) if (await holdsImages(join(directory, folder))) holding.push(`${folder}/`);
  if (holding.length === 0) return [];
  return [
    `${name}: images in ${listed(holding, 6)} are left out, as ${holding.length === 1 ? "it is" : "they are"} called like no ` +
      `split (train, val, test).`,
  ];
}

/** Whether images lie in a folder, or in those right inside it: what is no data set need not be walked. */
async function holdsImages(directory: string): Promise<boolean> {
  const { files, folders } = await listFolder(directory);
  if (files.some(isImage)) return true;
  for (const folder of folders.filter((name) => !isStray(name))) {
    if ((await listFolder(join(directory, folder))).files.some(isImage)) return true;
  }
  return false;
}

/**
 * A single class folder that holds folders and no images, as archives make by unpacking `photos/` into `photos/`: which folder
 * may have been meant, a sentence; none for any other.
 *
 * @param folders  all class folders
 */
export async function wrappingNotes(
  name: string,
  directory: string,
  folders: readonly string[],
): Promise<string[]> {
  if (folders.length !== 1) return [];
  let meant = join(directory, folders[0]);
  let inside = await foldersAlone(meant);
  if (inside === null) return [];
  while (inside.length === 1 && splitOf(inside[0]) === undefined) {
    const next = join(meant, inside[0]);
    const deeper = await foldersAlone(next);
    if (deeper === null) break;
    [meant, inside] = [next, deeper];
  }
  return [
    `${name}: its one class folder, ${folders[0]}/, holds folders and no images of its own. If those are the classes or splits ` +
      `(${listed(inside, 4)}), give ${meant} in its place.`,
  ];
}

/** The folders inside one that has no images of its own; null for any other. */
async function foldersAlone(directory: string): Promise<string[] | null> {
  const { files, folders } = await listFolder(directory);
  const inside = folders.filter((folder) => !isStray(folder));
  return inside.length > 0 && !files.some(isImage) ? inside : null;
}
