import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { DataError, builtInNames } from "../data/index.ts";

/**
 * Where a study's data lies: a built-in name as it is, anything else as a path that starts from the study file's folder,
 * wherever the command is run.
 *
 * @param directory  of the study file, absolute
 * @throws DataError when nothing is there
 */
export function dataLocation(name: string, directory: string): string {
  if (builtInNames.includes(name)) return name;
  const path = resolve(directory, name);
  if (existsSync(path)) return path;
  const here = resolve(name);
  const beside = relative(directory, here);
  const hint = existsSync(here)
    ? `There is ${here}, from the working directory: write ${beside.startsWith(".") ? beside : `./${beside}`} for it.`
    : "Check the path.";
  throw new DataError(
    `There is no data set "${name}": it is not built in (${builtInNames.join(", ")}), and there is no folder ${path}. ` +
      `Paths in a study start from the folder of its file. ${hint}`,
  );
}
