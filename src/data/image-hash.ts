import { createHash } from "node:crypto";

/** Bytes kept of an image's hash: two of a million images agree by chance once in a million data sets. */
const hashBytes = 5;

/** By what an image is known again, whatever file it comes from: 10 hex digits, of its bytes [C, H, W]. */
export const imageHash = (pixels: Uint8Array): string =>
  shortHash(createHash("sha256").update(pixels).digest("hex"));

/** As much of a sha256, hex, as an image is known by. */
export const shortHash = (sha256: string): string => sha256.slice(0, 2 * hashBytes);
