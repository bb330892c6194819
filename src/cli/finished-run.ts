import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Dataset } from "../data/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { RunFolder } from "./run-folder.ts";

/** Options without a say in the result, or whose say the data's hash tells better. */
const apartFromRun = ["out", "resume", "overwrite", "checkpointSeconds", "verbose"] as const;
const apartFromData = ["data", "limit", "imageSize", "channels"] as const;

/** What must be the same for a finished run to be the one asked for, beside the data. */
export function runOptions(flags: object): Record<string, unknown> {
  const apart: readonly string[] = [...apartFromRun, ...apartFromData];
  return Object.fromEntries(Object.entries(flags).filter(([name]) => !apart.includes(name)));
}

const finishedRun = z.object({
  options: z.record(z.string(), z.unknown()),
  data: z.object({ name: z.string(), sha256: z.string() }),
});

/** @throws UsageError when the finished run in the folder is another than the one asked for */
export function checkSameRun(folder: RunFolder, flags: object, data: Dataset): void {
  let there: z.infer<typeof finishedRun>;
  try {
    there = finishedRun.parse(JSON.parse(readFileSync(folder.manifest, "utf8")));
  } catch (cause) {
    throw new UsageError(
      `${folder.manifest} is not the manifest of a run of alignreg train. Choose another --out, or --overwrite.`,
      { cause },
    );
  }
  const now = runOptions(flags);
  const names = [...new Set([...Object.keys(there.options), ...Object.keys(now)])];
  const changes = names
    .filter((name) => !isDeepStrictEqual(there.options[name], now[name]))
    .map((name) => `${name}: ${JSON.stringify(there.options[name])} there, ${JSON.stringify(now[name])} now`);
  if (there.data.sha256 !== data.hash) changes.push(`data: ${there.data.name} there, ${data.name} now`);
  if (changes.length > 0) {
    throw new UsageError(
      `${folder.path} holds another, finished run (${changes.join("; ")}). ` +
        `Give the same options, choose another --out, or start over with --overwrite.`,
    );
  }
}
