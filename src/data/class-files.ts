/** Which files of a class folder are images, and what of it is left out. */
import { realpath } from "node:fs/promises";
import { extname, join } from "node:path";
import { DataError } from "./errors.ts";
import { listFolder } from "./folder-listing.ts";
import { heicAdvice } from "./heic-advice.ts";

/** By their names; what a file is, its bytes say when it is read. */
export const imageExtensions = [
  ".png",
  ".jpg",
  ".jpeg",
  ".jfif",
  ".jpe",
  ".webp",
  ".avif",
  ".gif",
  ".tif",
  ".tiff",
  ".bmp",
  ".dib",
  ".ppm",
  ".pgm",
  ".pbm",
  ".pnm",
];

/** HEIC and HEIF, which phones and some cameras write and nothing here can decode. */
const isOfPhone = (file: string): boolean => /\.(?:heic|heif|hif)$/i.test(file);

/** What to do about them, a sentence behind a space; nothing where there are none. */
export const phoneAdvice = (files: readonly string[]): string =>
  files.some(isOfPhone) ? ` HEIC, which phones write, cannot be read: ${heicAdvice}.` : "";

/** What archives, file managers, disks, network storage and package managers leave behind. */
const strays: ReadonlySet<string> = new Set([
  ...["__macosx", "icon\r", "thumbs.db", "ehthumbs.db", "desktop.ini", "picasa.ini", "$recycle.bin"],
  ...["system volume information", "lost+found", "@eadir", "#recycle", "node_modules"],
]);

export const isStray = (name: string): boolean => strays.has(name.toLowerCase());

export const isImage = (file: string): boolean => imageExtensions.includes(extname(file).toLowerCase());

export interface ClassFiles {
  readonly images: readonly string[];
  /** Files that are no images; strays do not count. */
  readonly others: readonly string[];
}

/**
 * The files in a folder and the folders inside it, at any depth: first its own, then those of each folder, by name.
 *
 * @param above  where the folders really are that this one lies in
 * @throws DataError for a link that leads back to one of those
 */
export async function classFiles(folder: string, above: readonly string[] = []): Promise<ClassFiles> {
  const { files, folders } = await listFolder(folder);
  const place = await realpath(folder);
  if (above.includes(place)) {
    throw new DataError(
      `${folder} is ${place} again, a folder that it lies in: a link leads back up. Remove the link.`,
    );
  }
  const own = files.filter((file) => !isStray(file));
  const inside: ClassFiles[] = [];
  for (const name of folders.filter((each) => !isStray(each)))
    inside.push(await classFiles(join(folder, name), [...above, place]));
  const paths = (names: readonly string[]) => names.map((name) => join(folder, name));
  return {
    images: [...paths(own.filter(isImage)), ...inside.flatMap(({ images }) => images)],
    others: [...paths(own.filter((file) => !isImage(file))), ...inside.flatMap(({ others }) => others)],
  };
}

/**
 * What was left out, a sentence; none where nothing was.
 *
 * @param name  the data set's
 */
export function leftOutNotes(name: string, others: readonly string[]): string[] {
  if (others.length === 0) return [];
  const counts = new Map<string, number>();
  for (const file of others) {
    const kind = extname(file).toLowerCase() || "no extension";
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const kinds = [...counts].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${count} ${kind}`);
  const shown = kinds.length > 6 ? [...kinds.slice(0, 6), "others"] : kinds;
  return [
    `${name}: ${others.length} file${others.length === 1 ? " is" : "s are"} left out (${shown.join(", ")}), as ${others[0]}: ` +
      `${imageExtensions.join(", ")} are read.${phoneAdvice(others)}`,
  ];
}
