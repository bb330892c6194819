/** Which columns of a table name images, classes and splits. */
import { DataError } from "../errors.ts";
import { listed } from "../listed.ts";
import type { LabelTable } from "./table.ts";

/** What people call the column of images, the likeliest first. */
const imageNames = [
  ...["filename", "file", "filepath", "path", "imagepath", "imagefile", "imagefilename", "fname", "imgpath"],
  ...["image", "imagename", "imageid", "img", "imgname", "imgid", "id", "name"],
];
/** The same for classes: names before numbers. */
const labelNames = [
  ...["labelname", "classname", "categoryname", "label", "labels", "class", "classes", "category", "target"],
  ...["species", "breed", "diagnosis", "classid", "labelid", "categoryid", "y"],
];
const splitColumns = ["split", "set", "subset", "partition", "dataset", "isvalid"];

/** Case, spaces and marks apart. */
const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

export const isImageColumn = (name: string): boolean => imageNames.includes(plainName(name));
export const isLabelColumn = (name: string): boolean => labelNames.includes(plainName(name));

export interface FoundColumns {
  readonly image: number;
  /** One column of classes; or, of each class a column, which has 1 where an image is of it. */
  readonly label: number | readonly number[];
  readonly split: number | null;
}

/**
 * @param given  the names of the columns of images and of classes, where the user says them
 * @throws DataError that lists the columns where they cannot be told
 */
export function findColumns(
  { columns, rows }: LabelTable,
  source: string,
  given?: readonly [image: string, label: string],
): FoundColumns {
  if (given) return givenColumns(columns ?? [], source, given);
  if (columns === null) {
    if (rows[0].cells.length === 2) return { image: 0, label: 1, split: null };
    throw cannotTell(rows[0].cells, source, "its first line names none that is known");
  }
  const at = (names: readonly string[]) => {
    const found = names.map((name) => columns.findIndex((column) => plainName(column) === name));
    return found.find((place) => place >= 0);
  };
  const split = at(splitColumns) ?? null;
  const [image, label] = [at(imageNames), at(labelNames)];
  // A table's index, as pandas writes it, has no name.
  const others = columns.flatMap((name, i) =>
    [image, label, split].includes(i) || plainName(name) === "" || /^unnamed: ?\d+$/i.test(name) ? [] : [i],
  );
  if (image !== undefined && label !== undefined) return { image, label, split };
  if (image === undefined && others.length === 1) return { image: others[0], label: label!, split };
  if (image === undefined) throw cannotTell(columns, source, "none is called as images are");
  if (others.length === 1) return { image, label: others[0], split };
  const isOneOf = rows.every(({ cells }) => {
    const values = others.map((i) => Number(cells[i]));
    return (
      values.every((value) => value === 0 || value === 1) &&
      values.filter((value) => value === 1).length === 1
    );
  });
  if (others.length > 1 && isOneOf) return { image, label: others, split };
  throw cannotTell(columns, source, "none is called as classes are");
}

function givenColumns(
  columns: readonly string[],
  source: string,
  given: readonly [image: string, label: string],
): FoundColumns {
  const [image, label] = given.map((name) => columns.findIndex((column) => column === name));
  const missing = image < 0 ? given[0] : label < 0 ? given[1] : undefined;
  if (missing !== undefined)
    throw new DataError(`${source} has no column ${JSON.stringify(missing)}. It has ${listed(columns)}.`);
  const split = columns.findIndex((column) => splitColumns.includes(plainName(column)));
  return { image, label, split: split < 0 || split === image || split === label ? null : split };
}

const cannotTell = (columns: readonly string[], source: string, why: string): DataError =>
  new DataError(
    `Which columns of ${source} are images and classes cannot be told: ${why} (${listed(columns)}). Name them: ` +
      `labelColumns, or --label-columns image,label.`,
  );
