import { createHash } from "node:crypto";

/** Bytes of a name. With what stands before and after it, below the 143 that encrypted file systems allow. */
const longest = 100;

/**
 * What a family's name becomes in the name of a file: harmless on every system, and of a bounded length. A family of many
 * members has a long name; what is cut off is told by a hash.
 */
export function boundedName(name: string): string {
  // Windows takes no asterisk.
  const encoded = encodeURIComponent(name).replaceAll("*", "%2A");
  if (encoded.length <= longest) return encoded;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 16);
  // Not in the middle of an encoded byte.
  return `${encoded.slice(0, longest - hash.length - 1).replace(/%.?$/, "")}-${hash}`;
}
