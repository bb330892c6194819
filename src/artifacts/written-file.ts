import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { z } from "zod";
import { readFileOfOurs } from "./read-file.ts";
import { DamagedFileError } from "./damaged-file-error.ts";

/** Files as they were written, by name: what shows later that one was cut or edited. */
export const writtenFilesSchema = z.record(
  z.string(),
  z.object({ bytes: z.int().nonnegative(), sha256: z.string() }),
);

export type WrittenFiles = z.infer<typeof writtenFilesSchema>;

/** What is noted of bytes that are written. */
export const written = (content: string | Uint8Array): WrittenFiles[string] => ({
  bytes: Buffer.byteLength(content),
  sha256: createHash("sha256").update(content).digest("hex"),
});

/**
 * Checks that a file is as it was written.
 *
 * @param what  "size" reads nothing, and finds files that were cut; "content" finds all others too
 * @throws DamagedFileError when it is not, or not there
 */
export function checkWritten(
  path: string,
  { bytes, sha256 }: WrittenFiles[string],
  what: "size" | "content",
  advice: string,
): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new DamagedFileError(path, "it is not there", advice);
  if (!stats.isFile()) throw new DamagedFileError(path, "it is no file", advice);
  if (stats.size !== bytes) {
    throw new DamagedFileError(path, `it has ${stats.size} bytes and had ${bytes}`, advice);
  }
  if (what === "content" && written(readFileOfOurs(path, advice) ?? "").sha256 !== sha256) {
    throw new DamagedFileError(path, "it was changed after it was written", advice);
  }
}
