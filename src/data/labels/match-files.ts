/** Which file a row of labels means. */
import { extname } from "node:path";
import { DataError } from "../errors.ts";

/**
 * Finds files by what tables call them: the path, in this folder or on the machine where the table was made; the name alone; either
 * without the extension. Case counts only where it tells files apart.
 */
export class FileFinder {
  readonly #keys = new Map<string, number[]>();

  /** @param paths  [N], relative to the folder, with / between names */
  constructor(readonly paths: readonly string[]) {
    paths.forEach((path, i) => {
      const name = plainPath(path);
      const stem = name.slice(0, name.length - extname(name).length);
      for (const whole of new Set([name, stem])) {
        for (const key of new Set([whole, lastOf(whole)])) {
          for (const form of new Set([key, key.toLowerCase()])) this.#add(form, i);
        }
      }
    });
  }

  #add(key: string, i: number): void {
    const found = this.#keys.get(key);
    if (found) found.push(i);
    else this.#keys.set(key, [i]);
  }

  /**
   * The file's place; −1 where there is none.
   *
   * @param where  for messages, as "labels.csv, line 3"
   * @throws DataError where several files are called so
   */
  find(image: string, where: string): number {
    const parts = plainPath(image).split("/");
    // From the whole path down to the name alone: folders of another machine are in front.
    for (let first = 0; first < parts.length; first++) {
      const path = parts.slice(first).join("/");
      for (const key of [path, path.toLowerCase()]) {
        const found = this.#keys.get(key);
        if (found === undefined) continue;
        const exact = found.filter((i) => plainPath(this.paths[i]) === path);
        const [one, ...more] = exact.length > 0 ? exact : found;
        if (more.length === 0) return one;
        throw new DataError(
          `${where}: ${JSON.stringify(image)} may be ${this.paths[one]} or ${this.paths[more[0]]}. Give the path of each in the file.`,
        );
      }
    }
    return -1;
  }
}

const plainPath = (path: string): string =>
  path
    .normalize("NFC")
    .replaceAll("\\", "/")
    .replace(/^(\.?\/)+/, "");

const lastOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
