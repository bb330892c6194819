/** What a lock's file says: who holds it, in a line of JSON, and how often its heart has beaten, in a second line. */
import { statSync } from "node:fs";
import { z } from "zod";
import { DamagedFileError } from "./damaged-file-error.ts";
import type { ProcessIdentity } from "./process-identity.ts";
import { readTextOfOurs } from "./read-file.ts";

const lockRecordSchema = z.object({
  alignregLock: z.literal(1),
  /** What its holder does, as "alignreg train". */
  what: z.string(),
  host: z.string(),
  boot: z.string().nullable(),
  pidNamespace: z.string().nullable(),
  pid: z.number().int().positive(),
  start: z.string().nullable(),
  /** Of this taking of the lock, and no other. */
  token: z.string(),
  /** ISO 8601, UTC. */
  since: z.string(),
});

export type LockRecord = z.infer<typeof lockRecordSchema> & ProcessIdentity;

/** Who a lock's file names. */
export type Named =
  | { readonly kind: "holder"; readonly record: LockRecord }
  /** By a bare process number, as versions before 0.2 wrote it. */
  | { readonly kind: "number"; readonly pid: number }
  /** Nobody yet: it is being written, or was cut, or a later version wrote it. */
  | { readonly kind: "unknown" };

/** A lock's file, read. */
export interface FoundLock {
  readonly path: string;
  readonly named: Named;
  /** When it was written or its heart beat last, by the clock of the file system; milliseconds since 1970. */
  readonly beatAt: number;
  /** Changes with each beat. */
  readonly stamp: string;
}

/** Digits of the count of beats, which is overwritten in its place. */
const beatDigits = 10;

/** What a holder writes. The mark comes first, by which even a part of the file is known for ours. */
export const lockText = (record: Omit<LockRecord, "alignregLock">): string =>
  `${JSON.stringify({ alignregLock: 1, ...record })}\n${"0".repeat(beatDigits)}\n`;

/** Reads a lock's file; null when it is gone, or is no lock of ours: a folder and a pipe of its name are others'. */
export function readLock(path: string): FoundLock | null {
  let text: string | null;
  let beatAt: number;
  try {
    text = readTextOfOurs(path, "");
    if (text === null) return null;
    beatAt = statSync(path).mtimeMs;
  } catch (error) {
    const cause = (error instanceof DamagedFileError ? error.cause : error) as
      NodeJS.ErrnoException | undefined;
    if (cause === undefined || ["ENOENT", "ESTALE", "ENXIO"].includes(cause.code ?? "")) return null;
    throw cause;
  }
  const named = namedIn(text);
  return named && { path, named, beatAt, stamp: `${beatAt} ${text}` };
}

const mark = '{"alignregLock":';

function namedIn(text: string): Named | null {
  if (/^\d+\n$/.test(text)) return { kind: "number", pid: Number(text) };
  if (!text.startsWith(mark)) return mark.startsWith(text) ? { kind: "unknown" } : null;
  const [line, beats] = text.split("\n");
  if (beats?.length !== beatDigits) return { kind: "unknown" };
  const record = lockRecordSchema.safeParse(jsonOf(line));
  return record.success ? { kind: "holder", record: record.data } : { kind: "unknown" };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
