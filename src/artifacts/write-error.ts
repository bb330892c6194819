import { dirname } from "node:path";
import { UsageError } from "../tensor/index.ts";

/** A file that could not be written. What lay there before is as it was. */
export class WriteError extends UsageError {
  /** The system's name of what went wrong, as "ENOSPC". */
  readonly code: string | undefined;

  constructor(
    readonly path: string,
    cause: unknown,
  ) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const known = code === undefined ? undefined : reasons.get(code);
    const { what, advice } = known?.(path) ?? { what: message, advice: "Give a path that can be written." };
    super(`Cannot write ${path}: ${what}${known ? ` (${code})` : ""}. ${advice}`, { cause });
    this.code = code;
  }
}

interface Reason {
  readonly what: string;
  readonly advice: string;
}

const again = "Make room, and run the command again.";
const another = "Give a path that can be written.";
const notAllowed = (path: string): Reason => ({
  what: "writing is not allowed",
  advice: `Choose another path, or change the permissions of the file or of ${dirname(path)}.`,
});

/** By the system's name of the error. */
const reasons: ReadonlyMap<string, (path: string) => Reason> = new Map([
  ["ENOSPC", () => ({ what: "the disk is full", advice: again })],
  ["EDQUOT", () => ({ what: "the quota on that disk is used up", advice: again })],
  ["EFBIG", () => ({ what: "files may not be that large there", advice: another })],
  ["EROFS", () => ({ what: "the file system is read-only", advice: another })],
  ["EACCES", notAllowed],
  ["EPERM", notAllowed],
  ["EISDIR", () => ({ what: "it is a folder", advice: "Give the path of a file." })],
  ["ENOENT", (path) => ({ what: `the folder ${dirname(path)} does not exist`, advice: "Make it first." })],
  ["ENOTDIR", (path) => ({ what: `${dirname(path)} is no folder`, advice: another })],
  ["EEXIST", () => ({ what: "a file is in the way", advice: another })],
  ["ELOOP", () => ({ what: "its symbolic links go round in a circle", advice: another })],
  ["ENAMETOOLONG", () => ({ what: "its name is too long", advice: "Give a shorter one." })],
]);
