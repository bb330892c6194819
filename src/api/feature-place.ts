/** Where features are kept, and whether there is room for them. */
import { mkdtempSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cachedBytes, clearCache } from "../features/index.ts";
import type { FitOptions } from "./fit-options.ts";

/** Features are held in memory up to so many bytes; files hold the rest. */
export const MEMORY_BYTES = 512 * 2 ** 20;
export const GB = 1e9;

/** Where features are kept. */
export interface Place {
  /** Null for memory; for a temporary one what it will be in. */
  readonly folder: string | null;
  /** The folder, made if it is a temporary one. */
  readonly make: () => string | null;
  /** Removes what is for one run alone. */
  readonly remove: () => void;
}

/** The folder that was named, else one beside the checkpoint, else memory, else a temporary folder. */
export function placeOf(
  { cache, checkpoint }: Pick<FitOptions, "cache" | "checkpoint">,
  bytes: number,
): Place {
  const named = (folder: string | null): Place => ({ folder, make: () => folder, remove: () => undefined });
  if (typeof cache === "string") return named(cache);
  if (checkpoint !== undefined) {
    const beside = join(dirname(checkpoint), "features");
    // A folder of that name may be there, with files of somebody else's.
    return { ...named(beside), remove: () => clearCache(beside) };
  }
  if (bytes <= MEMORY_BYTES) return named(null);
  let made: string | undefined;
  return {
    folder: tmpdir(),
    make: () => (made ??= mkdtempSync(join(tmpdir(), "alignreg-features-"))),
    remove: () => made !== undefined && clearCache(made),
  };
}

/** What stands against so many bytes; null for nothing. What a cache's folder holds already needs no room again. */
export function roomFor(bytes: number, limit: number, folder: string | null): string | null {
  if (bytes > limit) {
    return `its features take ${megabytes(bytes)}, and ${megabytes(limit)} are allowed (cacheLimit, --cache-limit)`;
  }
  if (folder === null) return null;
  const free = freeBytes(folder);
  return bytes > free && bytes > free + cachedBytes(folder)
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
/** In MB, below a tenth of one in kB, so that no size is 0. */
export const megabytes = (bytes: number): string =>
  bytes < 1e5 ? `${counted(Math.ceil(bytes / 1e3))} kB` : `${counted(Number((bytes / 1e6).toFixed(1)))} MB`;
