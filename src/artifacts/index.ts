/** Files that outlive the process: written whole, read back checked; folders locked. */
export { appendLine } from "./append-line.ts";
export { checkPlaces } from "./check-places.ts";
export { DamagedFileError } from "./damaged-file-error.ts";
export { type JsonFile, jsonFile } from "./json-file.ts";
export { removeLeftovers } from "./leftovers.ts";
export type { Lock } from "./held-lock.ts";
export { LockedError, LockLostError } from "./lock-error.ts";
export { lockHolder } from "./lock-holder.ts";
export { takeLock } from "./lock.ts";
export { makeFolder, removeEmpty } from "./make-folder.ts";
export { readFileOfOurs, readTextOfOurs } from "./read-file.ts";
export { toJson } from "./json-text.ts";
export { WriteError } from "./write-error.ts";
export { writeTogether } from "./write-together.ts";
export { writeWhole } from "./write-whole.ts";
export { type WrittenFiles, checkWritten, written, writtenFilesSchema } from "./written-file.ts";
