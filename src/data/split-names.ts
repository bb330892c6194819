import type { Split } from "./source.ts";

/** What people call the folders of splits, in lower case, before any of "_set", "-set", "set". */
const splitNames: ReadonlyMap<string, Split> = new Map([
  ["train", "train"],
  ["training", "train"],
  ["val", "validation"],
  ["valid", "validation"],
  ["validation", "validation"],
  ["test", "test"],
  ["testing", "test"],
]);

/** The split that a folder, or a cell of a table, is called after, in any case; undefined for another name. */
export const splitOf = (folder: string): Split | undefined =>
  splitNames.get(folder.toLowerCase().replace(/[_ -]?set$/, ""));
