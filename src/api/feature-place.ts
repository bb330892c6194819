/** Where features are kept, and whether there is room for them. */
import { mkdtempSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { clearCache } from "../features/index.ts";
import type { FitOptions } from "./fit-options.ts";

/** Features are held in memory up to so many bytes; files hold the rest. */
export const MEMORY_BYTES = 512 * 2 ** 20;
export const GB = 1e9;

/** A folder that keeps features; null for memory. */
export interface Place {
  readonly folder: string | null;
  readonly remove: () => void;
}

/** The folder that was named, else one beside the checkpoint, else memory, else a temporary folder. */
export function placeOf(
  { cache, checkpoint }: Pick<FitOptions, "cache" | "checkpoint">,
  bytes: number,
): Place {
  if (typeof cache === "string") return { folder: cache, remove: () => undefined };
  // A folder of that name may be there, with files of somebody else's.
  const removed = (folder: string): Place => ({ folder, remove: () => clearCache(folder) });
  if (checkpoint !== undefined) return removed(join(dirname(checkpoint), "features"));
  if (bytes <= MEMORY_BYTES) return { folder: null, remove: () => undefined };
  return removed(mkdtempSync(join(tmpdir(), "alignreg-features-")));
}

/** What stands against so many bytes; null for nothing. */
export function roomFor(bytes: number, limit: number, folder: string | null): string | null {
  if (bytes > limit) {
    return `its features take ${megabytes(bytes)}, and ${megabytes(limit)} are allowed (cacheLimit, --cache-limit)`;
  }
  if (folder === null) return null;
  const free = freeBytes(folder);
  return bytes > free
    ? `its features take ${megabytes(bytes)}, and ${megabytes(free)} are free in ${folder}`
    : null;
}

/** On the disk of the nearest folder that is there. */
function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    const above = dirname(folder);
    return above === folder ? Infinity : freeBytes(above);
  }
}

export const counted = (n: number): string => n.toLocaleString("en");
export const megabytes = (bytes: number): string => `${counted(Number((bytes / 1e6).toFixed(1)))} MB`;
