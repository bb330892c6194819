import { z } from "zod";
import { LimitError, checkString } from "../options/index.ts";
import { readRegular } from "../outside/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { ClassMap } from "./match-classes.ts";

const list = z.array(z.string().min(1)).min(1);
const byName = z.record(z.string(), z.union([z.int().min(0), z.string().min(1)]));

/** A line of a list of names that counts them, as in "0 ant" or "0: ant". */
const counted = /^(\d+)\s*[:\s,]\s*(\S.*)$/;
/** A line of ImageNet's list of synsets: "n01440764 tench, Tinca tinca". */
const synset = /^(n\d{8})\s+\S/;

/**
 * Reads a class map: JSON, a list of the model's classes in the order of its logits or an object from the data's class to the
 * logit's index or the model's class; or plain text, a name per line in the order of the logits (ImageNet's synset lists too,
 * of which the identifiers are taken).
 *
 * @throws UsageError that names the entry at fault
 */
export async function loadClassMap(path: string): Promise<ClassMap> {
  checkString("loadClassMap", "path", path);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await readRegular(path, "settingsBytes"));
  } catch (cause) {
    if (cause instanceof LimitError) throw cause;
    throw new UsageError(`Cannot read the class map ${path}: ${(cause as Error).message}`, { cause });
  }
  return parseClassMap(text, path);
}

/** @param source  what messages call the text */
export function parseClassMap(text: string, source: string): ClassMap {
  if (/^\s*[[{]/.test(text)) {
    const value = parsedJson(text, source);
    const twice = keyTwice(text);
    if (twice === undefined) return checkedClassMap(value, source);
    throw new UsageError(`The class map ${source} has two entries ${twice}. Leave one out.`);
  }
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const names = lines.filter((line) => line !== "");
  if (names.length === 0) {
    throw new UsageError(`The class map ${source} is empty. Give a name per line, or a JSON list or object.`);
  }
  const pairs = names.map((line) => counted.exec(line));
  if (pairs.every((pair, i) => pair !== null && Number(pair[1]) === i)) return pairs.map((pair) => pair![2]);
  const synsets = names.map((line) => synset.exec(line)?.[1]);
  return synsets.every((id) => id !== undefined) ? synsets : names;
}

/** @throws UsageError that names the entry at fault */
export function checkedClassMap(value: unknown, source = "classMap"): ClassMap {
  const parsed = Array.isArray(value) ? list.safeParse(value) : byName.safeParse(value);
  // The value itself: a parsed record lacks an entry called "__proto__".
  if (parsed.success) return value as ClassMap;
  const [{ path, message }] = parsed.error.issues;
  const entry = path.length === 0 ? "it" : `entry ${path.map((part) => JSON.stringify(part)).join(".")}`;
  throw new UsageError(
    `The class map ${source} cannot be used: ${entry}: ${message}. Give a list of the model's class names in the order ` +
      `of its logits, or an object from the data's class to a logit's index or the model's class.`,
  );
}

/** A key that the text of a flat JSON object has twice, of which JSON.parse keeps the last. */
function keyTwice(text: string): string | undefined {
  const strings = [...text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?/g)];
  const keys = strings.filter((match) => match[2] !== undefined).map((match) => match[1]);
  return keys.find((key, i) => keys.findIndex((other) => JSON.parse(other) === JSON.parse(key)) < i);
}

function parsedJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`The class map ${source} is no JSON: ${(cause as Error).message}`, { cause });
  }
}
