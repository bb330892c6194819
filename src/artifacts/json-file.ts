import { z } from "zod";
import { DamagedFileError } from "./damaged-file-error.ts";
import { toJson } from "./json-text.ts";
import { readTextOfOurs } from "./read-file.ts";
import { writeWhole } from "./write-whole.ts";

/** A kind of JSON file that we write and read back. */
export interface JsonFile<Value extends object> {
  /**
   * What a file holds; null when there is none. Files without a version are those of a time before versions.
   *
   * @throws DamagedFileError when it holds anything but what is written there, or is of another version
   */
  read(path: string): Value | null;
  /** The text of a file: the version first. */
  text(value: Value): string;
  /** Writes a file, whole or not at all. @throws WriteError */
  write(path: string, value: Value): Promise<void>;
}

/**
 * @param version  of the form of these files; whoever changes the form gives the next
 * @param advice   what to do about a damaged one, as a sentence
 */
export function jsonFile<Value extends object>(kind: {
  readonly version: number;
  readonly schema: z.ZodType<Value>;
  readonly advice: string;
}): JsonFile<Value> {
  const { version, schema, advice } = kind;
  const text = (value: Value) => toJson({ version, ...value });
  return {
    read(path) {
      const content = readTextOfOurs(path, advice);
      return content === null ? null : checked(path, content);
    },
    text,
    write: (path, value) => writeWhole(path, text(value)),
  };

  function checked(path: string, json: string): Value {
    let content: unknown;
    try {
      content = JSON.parse(json);
    } catch (cause) {
      const reason = json.trim() === "" ? "it is empty" : `it is no JSON (${(cause as Error).message})`;
      throw new DamagedFileError(path, reason, advice, { cause });
    }
    const read = schema.safeParse(withoutVersion(path, content));
    if (read.success) return read.data;
    throw new DamagedFileError(path, shortly(read.error), advice, { cause: read.error });
  }

  function withoutVersion(path: string, content: unknown): unknown {
    if (typeof content !== "object" || content === null || !Object.hasOwn(content, "version")) return content;
    const { version: found, ...rest } = content as { version: unknown };
    if (found === version) return rest;
    const reason = `it is of version ${JSON.stringify(found)}, and this alignreg reads version ${version}`;
    throw new DamagedFileError(path, reason, advice);
  }
}

/** The first thing that is wrong, with its place in the file. */
function shortly({ issues: [issue] }: z.ZodError): string {
  const place = issue.path.length > 0 ? ` at ${issue.path.map(String).join(".")}` : "";
  return `it does not hold what is written there (${issue.message}${place})`;
}
