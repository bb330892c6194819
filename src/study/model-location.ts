import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { UsageError } from "../tensor/index.ts";
import type { ModelFile } from "./study.ts";

/** Paths in a study start from the folder of its file. */
export function modelLocation({ file }: ModelFile, directory: string): string {
  const path = resolve(directory, file);
  if (existsSync(path)) return path;
  const here = resolve(file);
  const hint = existsSync(here)
    ? `There is ${here}, from the working directory: write ./${relative(directory, here)} for it.`
    : "Check the path.";
  throw new UsageError(
    `There is no model ${path}. Paths in a study start from the folder of its file. ${hint}`,
  );
}
