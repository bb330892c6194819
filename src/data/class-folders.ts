import { confusableNames, normalizedClassName, shownName } from "./class-names.ts";
import { DataError } from "./errors.ts";
import { listed } from "./listed.ts";

/** The class folders found in one place. */
export interface FoundClasses {
  /** As in messages: `train/`. */
  readonly place: string;
  /** Names of the folders, as the file system has them, in order. */
  readonly folders: readonly string[];
}

/**
 * The names of the classes, in the order of the first place's folders, which torchvision's ImageFolder has too.
 *
 * @param directory  of the data set, for messages
 * @throws DataError when names cannot be told apart for sure, or the places have other classes
 */
export function agreedClassNames(directory: string, places: readonly FoundClasses[]): string[] {
  for (const { place, folders } of places) {
    const pair = sameNames(folders) ?? confusableNames(folders)[0];
    if (pair) throw confusable(directory, [place, pair[0]], [place, pair[1]]);
  }
  const [first, ...others] = places;
  for (const other of others) {
    const [onlyFirst, onlyOther] = [missingIn(other, first), missingIn(first, other)];
    const [pair] = confusableNames(onlyFirst, onlyOther);
    if (pair) throw confusable(directory, [first.place, pair[0]], [other.place, pair[1]]);
    if (onlyFirst.length + onlyOther.length > 0)
      throw differing(directory, first, other, onlyFirst, onlyOther);
  }
  return first.folders.map(normalizedClassName);
}

/** Two folders whose names are one in Unicode's terms. */
function sameNames(folders: readonly string[]): readonly [string, string] | undefined {
  const seen = new Map<string, string>();
  for (const folder of folders) {
    const name = normalizedClassName(folder);
    const earlier = seen.get(name);
    if (earlier !== undefined) return [earlier, folder];
    seen.set(name, folder);
  }
  return undefined;
}

/** Those of `there` that `place` lacks. */
function missingIn(place: FoundClasses, there: FoundClasses): string[] {
  const names = new Set(place.folders.map(normalizedClassName));
  return there.folders.filter((folder) => !names.has(normalizedClassName(folder)));
}

function confusable(
  directory: string,
  ...named: readonly (readonly [place: string, name: string])[]
): DataError {
  const [one, other] = named.map(([place, name]) => `${place}${shownName(name)}`);
  return new DataError(
    `${directory} has the class folders ${one} and ${other}, which differ in case, spaces or Unicode form only. ` +
      `Rename one: to the other's name if they are one class, to another name if they are two.`,
  );
}

function differing(
  directory: string,
  first: FoundClasses,
  other: FoundClasses,
  onlyFirst: readonly string[],
  onlyOther: readonly string[],
): DataError {
  const difference = [[first.place, onlyFirst] as const, [other.place, onlyOther] as const].flatMap(
    ([place, names]) => (names.length > 0 ? [`only ${place} has ${listed(names)}`] : []),
  );
  return new DataError(
    `${directory} has other classes in ${first.place} (${listed(first.folders)}) than in ${other.place} ` +
      `(${listed(other.folders)}): ${difference.join("; ")}. Add the missing images, remove what is not to count, or ` +
      `leave an empty folder for a class that a split has no images of.`,
  );
}
