import { readFileSync } from "node:fs";
import { z } from "zod";
import { DamagedFileError } from "./damaged-file-error.ts";

const againAdvice = "Delete it to have it made again.";

/**
 * Reads back a JSON file of ours; null when there is none.
 *
 * @param advice  what to do where it is damaged, as a sentence
 * @throws DamagedFileError when it holds anything but what the schema says
 */
export function readJson<Value>(
  path: string,
  schema: z.ZodType<Value>,
  advice: string = againAdvice,
): Value | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    throw new DamagedFileError(path, code === "EISDIR" ? "it is a folder" : message, advice, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DamagedFileError(path, `it is no JSON (${(cause as Error).message})`, advice, { cause });
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new DamagedFileError(path, shortly(read.error), advice, { cause: read.error });
}

/** The first thing that is wrong, with its place in the file. */
function shortly({ issues: [issue] }: z.ZodError): string {
  const place = issue.path.length > 0 ? ` at ${issue.path.map(String).join(".")}` : "";
  return `it does not hold what is written there (${issue.message}${place})`;
}
