/** A TensorFlow.js folder in a zip archive, as Teachable Machine offers it for download. */
import { modelJsonName } from "./layers-folder.ts";
import { isZip, ofFile } from "./read-keras-file.ts";
import { unzipped, zipEntries } from "./zip.ts";

/** What macOS adds to archives. */
const isOfMac = (name: string): boolean => /(^|\/)(__MACOSX\/|\._)/.test(name);

/**
 * The files beside the archive's model.json, by their names in its folder.
 *
 * @param name  of the file, for errors
 * @returns undefined for anything but such an archive
 * @throws ModelError for one that is damaged
 */
export function layersInZip(bytes: Uint8Array, name: string): ReadonlyMap<string, Uint8Array> | undefined {
  return isZip(bytes) ? ofFile(name, () => layersAmong(bytes)) : undefined;
}

function layersAmong(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> | undefined {
  const entries = [...zipEntries(bytes).values()].filter(({ name }) => !isOfMac(name) && !name.endsWith("/"));
  const folders = entries.flatMap(({ name }) =>
    name === modelJsonName || name.endsWith(`/${modelJsonName}`)
      ? [name.slice(0, -modelJsonName.length)]
      : [],
  );
  const [folder] = folders.sort((a, b) => a.length - b.length);
  if (folder === undefined) return undefined;
  const inside = entries.filter(
    ({ name }) => name.startsWith(folder) && !name.slice(folder.length).includes("/"),
  );
  return new Map(inside.map((entry) => [entry.name.slice(folder.length), unzipped(bytes, entry)] as const));
}
