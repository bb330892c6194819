import { basename } from "node:path";
import { LimitError } from "../../options/index.ts";
import { readRegular } from "../../outside/index.ts";
import { normalizedClassName } from "../class-names.ts";
import { DataError } from "../errors.ts";
import { splitOf } from "../split-names.ts";
import type { Split } from "../source.ts";
import { findColumns } from "./columns.ts";
import { parseCsv } from "./parse-csv.ts";
import { parseJson } from "./parse-json.ts";

/** One image's label, as a file says it. */
export interface ImageLabel {
  /** A path, a name, or a name without extension. */
  readonly image: string;
  /** The class; "" for none. */
  readonly label: string;
  readonly split: Split | null;
  /** As in messages: "line 3". */
  readonly at: string;
}

export interface FileLabels {
  readonly labels: readonly ImageLabel[];
  /** What the columns were taken for, where they have names. */
  readonly notes: readonly string[];
}

/** @throws DataError for a file that cannot be read as labels */
export async function readLabels(
  file: string,
  columns?: readonly [image: string, label: string],
): Promise<FileLabels> {
  let bytes: Uint8Array;
  try {
    bytes = await readRegular(file, "labelsBytes");
  } catch (cause) {
    if (cause instanceof LimitError) throw cause;
    throw new DataError(`Cannot read the labels ${file}: ${(cause as Error).message}`, { cause });
  }
  return parseLabels(decodedText(bytes, file), file, columns);
}

/** UTF-8, or UTF-16 by its mark, which spreadsheets write. */
function decodedText(bytes: Uint8Array, file: string): string {
  if (ZIP.every((byte, i) => bytes[i] === byte) || OLE.every((byte, i) => bytes[i] === byte))
    throw new DataError(`${file} is a spreadsheet or an archive, no text. Save it as CSV in UTF-8.`);
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? "utf-16le"
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? "utf-16be"
        : "utf-8";
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    // UTF-16 without its mark, or no text at all.
    if (!text.includes("\0")) return text;
  } catch (cause) {
    throw new DataError(`${file} is no text in UTF-8. Save it as that.`, { cause });
  }
  throw new DataError(`${file} is no text in UTF-8: it holds bytes of 0. Save it as that.`);
}

/** What spreadsheets' own files begin with, new and old. */
const ZIP = [0x50, 0x4b, 0x03, 0x04];
const OLE = [0xd0, 0xcf, 0x11, 0xe0];

/** @param source  what messages call the text */
export function parseLabels(
  text: string,
  source: string,
  given?: readonly [image: string, label: string],
): FileLabels {
  const isJson = /^\s*[[{]/.test(text);
  const table = isJson ? parseJson(text, source) : parseCsv(text, source, given !== undefined);
  if (table.rows.length === 0)
    throw new DataError(`${source} has no line with a label. Give one for each image.`);
  const { image, label, split } = findColumns(table, source, given);
  const { columns, rows } = table;
  const labels = rows.map(({ cells, at }): ImageLabel => {
    const text =
      typeof label === "number" ? cells[label] : columns![label.find((i) => Number(cells[i]) === 1)!];
    if (cells[image] === "")
      throw new DataError(`${source}, ${at}, names no image. Give its file, or take the line out.`);
    const name = /^(nan|null|none|n\/a)$/i.test(text) && typeof label === "number" ? "" : text;
    return {
      image: cells[image],
      label: normalizedClassName(name.trim()),
      split: split === null ? null : splitOfCell(columns![split], cells[split], `${source}, ${at}`),
      at,
    };
  });
  const shown = (i: number) => JSON.stringify(columns![i]);
  const notes =
    columns === null
      ? isJson
        ? []
        : [`${basename(source)} names no columns: images are read from its first, classes from its second.`]
      : [
          `${basename(source)}: images are read from the column ${shown(image)}, classes from ` +
            (typeof label === "number" ? shown(label) : `${label.length} columns of 0 and 1`) +
            `${split === null ? "" : `, splits from ${shown(split)}`}.`,
        ];
  return { labels, notes };
}

function splitOfCell(column: string, cell: string, where: string): Split {
  // fastai's: whether it is for validation.
  if (/^is_?valid$/i.test(column)) return /^(true|1|yes)$/i.test(cell) ? "validation" : "train";
  const split = splitOf(cell);
  if (split !== undefined) return split;
  throw new DataError(
    `${where}: ${JSON.stringify(cell)} in the column ${column} is no split. Give train, val or test.`,
  );
}
