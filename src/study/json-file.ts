import { readFileSync } from "node:fs";
import { toJson, writeWhole } from "../artifacts/index.ts";
import { UsageError } from "../tensor/index.ts";

/** Writes JSON, whole or not at all. */
export const writeJson = (path: string, value: unknown): Promise<void> => writeWhole(path, toJson(value));

/** What a JSON file of ours holds; null when there is none. @throws UsageError when it is damaged */
export function readJson<Value>(path: string): Value | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  try {
    return JSON.parse(text) as Value;
  } catch (cause) {
    throw new UsageError(
      `${path} is no JSON: ${(cause as Error).message}. Delete it to have it made again.`,
      {
        cause,
      },
    );
  }
}
