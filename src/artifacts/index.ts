/** Files that outlive the process: written whole, read back checked. */
export { DamagedFileError } from "./damaged-file-error.ts";
export { removeLeftovers } from "./leftovers.ts";
export { makeFolder } from "./make-folder.ts";
export { readJson } from "./read-json.ts";
export { toJson } from "./json-text.ts";
export { WriteError } from "./write-error.ts";
export { writeWhole } from "./write-whole.ts";
