import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { checkWritten } from "../artifacts/index.ts";
import type { ImageSource } from "../data/index.ts";
import { isModuleSpec, isRecord } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { OwnDefinitions } from "./own-definitions.ts";
import type { RunFolder } from "./run-folder.ts";
import { runManifestFile, runOptions } from "./run-record.ts";

/**
 * @throws UsageError when the finished run in the folder is another than the one asked for, DamagedFileError when its files
 *         are not as it wrote them
 */
export function checkSameRun(folder: RunFolder, flags: object, data: ImageSource, own: OwnDefinitions): void {
  const there = runManifestFile.read(folder.manifest);
  if (there === null) throw new UsageError(`${folder.manifest} is gone. Start the command again.`);
  const now = runOptions(flags);
  const names = [...new Set([...Object.keys(there.options), ...Object.keys(now)])];
  const changes = names
    .filter((name) => !isDeepStrictEqual(there.options[name], now[name]) && !isModuleSpec(now[name]))
    .map((name) => `${name}: ${JSON.stringify(there.options[name])} there, ${JSON.stringify(now[name])} now`);
  if (there.data.sha256 !== data.hash) changes.push(`data: ${there.data.name} there, ${data.name} now`);
  changes.push(...changedModules(there.config ?? {}, own));
  if (changes.length > 0) {
    throw new UsageError(
      `${folder.path} holds another, finished run (${changes.join("; ")}). ` +
        `Give the same options, choose another --out, or start over with --overwrite.`,
    );
  }
  for (const [name, file] of Object.entries(there.files ?? {})) {
    const path = join(folder.path, name);
    // Files may have been taken away.
    if (existsSync(path)) checkWritten(path, file, "content", "Start over with --overwrite.");
  }
}

/** Definitions of a user's own whose modules are not those of the run. */
function changedModules(there: Readonly<Record<string, unknown>>, own: OwnDefinitions): string[] {
  const modulesOf = (value: unknown) => {
    const all = (Array.isArray(value) ? value : [value]) as unknown[];
    return all.flatMap((each) => (isRecord(each) && each.modules !== undefined ? [each.modules] : []));
  };
  return Object.entries(own).flatMap(([name, value]) => {
    const [before, now] = [modulesOf(there[name]), modulesOf(value)];
    if (isDeepStrictEqual(before, now)) return [];
    return [`${name}: ${JSON.stringify(before)} there, ${JSON.stringify(now)} now`];
  });
}
