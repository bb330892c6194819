import { isRecord } from "../../options/index.ts";
import { isImage } from "../class-files.ts";
import { DataError } from "../errors.ts";
import type { LabelCells, LabelTable } from "./table.ts";

/** Members that hold the list where it is not all of the file. */
const wrappers = ["labels", "images", "data", "samples", "items", "annotations"];

/**
 * JSON or JSON Lines: an object from image to class, or from class to a list of images; a list of pairs, or of objects with columns
 * for names; or one of these as the member `labels`, `images`, `data`, …
 *
 * @throws DataError that names the entry at fault
 */
export function parseJson(text: string, source: string): LabelTable {
  const value = parsed(text, source);
  if (isRecord(value) && Array.isArray(value.annotations) && Array.isArray(value.images)) {
    throw new DataError(
      `${source} is of a format for detection (COCO), whose images have boxes, not one class. Give a file with one class ` +
        `for each image.`,
    );
  }
  const holds = isRecord(value)
    ? Object.keys(value).filter((name) => Array.isArray(value[name]) || isRecord(value[name]))
    : [];
  const wrapper = holds.length === 1 ? holds.find((name) => wrappers.includes(name)) : undefined;
  return tableOf(wrapper === undefined ? value : (value as Record<string, unknown>)[wrapper], source);
}

function parsed(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
    if (lines.length > 1 && lines.every((line) => line.trimStart().startsWith("{"))) {
      return lines.map((line, i) => {
        try {
          return JSON.parse(line) as unknown;
        } catch (reason) {
          throw new DataError(`${source}, line ${i + 1}, is no JSON: ${(reason as Error).message}`, {
            cause: reason,
          });
        }
      });
    }
    throw new DataError(`${source} is no JSON: ${(cause as Error).message}`, { cause });
  }
}

function tableOf(value: unknown, source: string): LabelTable {
  if (Array.isArray(value)) return listTable(value as unknown[], source);
  if (!isRecord(value)) throw wrong(source, "it");
  const entries = Object.entries(value);
  if (entries.every(([, each]) => isText(each))) {
    return { columns: null, rows: entries.map(([image, label], i) => row([image, String(label)], i)) };
  }
  if (entries.every(([, each]) => Array.isArray(each) && each.every(isText))) {
    const pairs = entries.flatMap(([key, list]) =>
      (list as unknown[]).map((item): [string, string] =>
        isImage(key) ? [key, String(item)] : [String(item), key],
      ),
    );
    return { columns: null, rows: pairs.map(row) };
  }
  throw wrong(source, `the entry ${JSON.stringify(entries.find(([, each]) => !isText(each))![0])}`);
}

function listTable(list: readonly unknown[], source: string): LabelTable {
  if (list.length === 0)
    throw new DataError(`${source} is empty. Give an entry for each image, with its label.`);
  if (list.every(isRecord)) {
    const columns = [...new Set(list.flatMap((each) => Object.keys(each)))];
    return {
      columns,
      rows: list.map((each, i) =>
        row(
          columns.map((name) => (Object.hasOwn(each, name) ? textOf(each[name]) : "")),
          i,
        ),
      ),
    };
  }
  const odd = list.findIndex((each) => !(Array.isArray(each) && each.length === 2 && each.every(isText)));
  if (odd >= 0) throw wrong(source, `entry ${odd + 1}`);
  return { columns: null, rows: (list as unknown[][]).map((pair, i) => row(pair.map(String), i)) };
}

const row = (cells: readonly string[], i: number): LabelCells => ({ cells, at: `entry ${i + 1}` });
const isText = (value: unknown): value is string | number =>
  typeof value === "string" || typeof value === "number";
const textOf = (value: unknown): string =>
  isText(value) || typeof value === "boolean"
    ? String(value)
    : value === null || value === undefined
      ? ""
      : JSON.stringify(value);

const wrong = (source: string, what: string): DataError =>
  new DataError(
    `${source} is not laid out as labels: ${what} is none of what is known. Give an object from image to class or from class to ` +
      `a list of images, or a list of pairs or of objects.`,
  );
