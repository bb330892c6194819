/** Names of classes in the metadata that other tools write. */
import { z } from "zod";

/** Keys under which they are found, the surest first: ultralytics writes `names`. */
export const foreignNameKeys = [
  "names",
  "class_names",
  "classNames",
  "classes",
  "labels",
  "class_labels",
  "id2label",
  "categories",
];

export interface ForeignNames {
  readonly names: readonly string[] | undefined;
  readonly notes: readonly string[];
}

/**
 * The classes that a file names, in the order of the logits. Forms: a JSON list; a JSON object or a Python dict from index to name,
 * `{0: 'ant', 1: 'bee'}`; a name per line, or names with commas between.
 */
export function foreignClassNames(metadata: Readonly<Record<string, string>>): ForeignNames {
  const notes: string[] = [];
  for (const key of foreignNameKeys) {
    if (!Object.hasOwn(metadata, key)) continue;
    const names = namesIn(metadata[key]);
    if (names) return { names, notes };
    notes.push(
      `The file's metadata have "${key}", in which no list of class names could be read; it is not used.`,
    );
  }
  return { names: undefined, notes };
}

const list = z.array(z.string().min(1)).min(2);
const byIndex = z.record(z.string().regex(/^\d+$/), z.string().min(1));

function namesIn(text: string): string[] | undefined {
  const parsed = parsedJson(text) ?? parsedJson(asJson(text));
  if (parsed !== undefined) {
    const asList = list.safeParse(parsed);
    if (asList.success) return asList.data;
    const asRecord = byIndex.safeParse(parsed);
    return asRecord.success ? inOrder(asRecord.data) : undefined;
  }
  if (/[{}[\]]|^\s*\(/.test(text)) return undefined;
  const parts = (text.includes("\n") ? text.split(/\r?\n/) : text.split(",")).map((part) => part.trim());
  const found = list.safeParse(parts.filter((part) => part !== ""));
  return found.success ? found.data : undefined;
}

/** `{0: 'ant', 1: "bee"}`, `['ant', 'bee']` and `('ant', 'bee')`, as Python prints them, as JSON. */
const asJson = (text: string): string =>
  text
    .replace(/^\s*\((['"].*['"])\s*,?\s*\)\s*$/s, "[$1]")
    .replaceAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(\d+)(?=\s*:)/g, (match, single, double, index) => {
      const quoted: unknown = single ?? double;
      if (typeof quoted === "string") return JSON.stringify(unescaped(quoted));
      return typeof index === "string" ? `"${index}"` : match;
    });

const controls: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

/** What Python's escapes stand for. */
const unescaped = (text: string): string =>
  text.replaceAll(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/g,
    (_, x?: string, u?: string, U?: string, other?: string) =>
      other !== undefined
        ? (controls[other] ?? other)
        : String.fromCodePoint(Math.min(parseInt((x ?? u ?? U)!, 16), 0x10ffff)),
  );

function inOrder(record: Readonly<Record<string, string>>): string[] | undefined {
  const count = Object.keys(record).length;
  const names = Array.from({ length: count }, (_, i) => record[String(i)]);
  return count > 1 && !names.includes(undefined as unknown as string) ? names : undefined;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
