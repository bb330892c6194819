/**
 * A part of a cache as a file: eight bytes that say what it is, the length of the header as uint32, the header as JSON, spaces
 * up to a multiple of four, and the features, float32, [images, members, F]. All little-endian.
 */
import { createHash } from "node:crypto";
import { endianness } from "node:os";
import { z } from "zod";
import { DamagedFileError, readFileOfOurs, writeWhole } from "../artifacts/index.ts";
import { checkLimit, limitOf } from "../options/index.ts";

const MAGIC = "ALIGNFT1";
const START = MAGIC.length + 4;
const hash = z.string().regex(/^[0-9a-f]{64}$/);

const headerSchema = z.object({
  /** Of the frozen part. */
  prefix: hash,
  /** F: numbers of an image under a member. */
  size: z.int().positive(),
  images: z.array(hash).min(1),
  members: z.array(hash).min(1),
  /** SHA-256 of the features' bytes. */
  sha256: hash,
});

/** What a part holds, and of what. */
export interface Part {
  readonly prefix: string;
  readonly size: number;
  /** Keys of the images and members. */
  readonly images: readonly string[];
  readonly members: readonly string[];
  /** [images, members, F] */
  readonly features: Float32Array;
}

/** A part that lies in a file, and where in it the features begin. */
export interface StoredPart extends Part {
  readonly start: number;
}

/** The file's name follows from what it holds. */
export const partName = ({ images, members }: Pick<Part, "images" | "members">): string =>
  `${createHash("sha256")
    .update(JSON.stringify([images, members]))
    .digest("hex")
    .slice(0, 32)}.features`;

/** @returns bytes before the features */
export async function writePart(path: string, { features, ...facts }: Part): Promise<number> {
  if (endianness() !== "LE") throw new Error("internal: parts are little-endian.");
  const bytes = new Uint8Array(features.buffer, features.byteOffset, features.byteLength);
  const json = JSON.stringify({ ...facts, sha256: sha256(bytes) });
  const header = new TextEncoder().encode(json.padEnd(json.length + ((4 - ((START + json.length) % 4)) % 4)));
  const file = new Uint8Array(START + header.length + bytes.length);
  file.set(new TextEncoder().encode(MAGIC));
  new DataView(file.buffer).setUint32(MAGIC.length, header.length, true);
  file.set(header, START);
  file.set(bytes, START + header.length);
  await writeWhole(path, file);
  return START + header.length;
}

/** @throws DamagedFileError for a file that holds no such part; LimitError for one that is too large */
export function readPart(path: string): StoredPart | null {
  const file = readFileOfOurs(path, ADVICE);
  if (file === null) return null;
  checkLimit("fileBytes", file.length, `The file ${path}`);
  const damaged = (reason: string) => new DamagedFileError(path, reason, ADVICE);
  if (file.length < START || text(file.subarray(0, MAGIC.length)) !== MAGIC) {
    throw damaged("it does not begin as a part of a cache of features");
  }
  const length = new DataView(file.buffer, file.byteOffset).getUint32(MAGIC.length, true);
  const start = START + length;
  if (start > file.length || length > limitOf("settingsBytes") || start % 4 !== 0)
    throw damaged("its header is cut");
  const header = headerSchema.safeParse(parsed(text(file.subarray(START, start))));
  if (!header.success) throw damaged("its header does not say what it holds");
  const { sha256: expected, ...facts } = header.data;
  const bytes = file.slice(start);
  const numbers = facts.images.length * facts.members.length * facts.size;
  if (bytes.length !== 4 * numbers)
    throw damaged(`it has ${bytes.length} bytes of features, not ${4 * numbers}`);
  if (sha256(bytes) !== expected) throw damaged("it was changed after it was written");
  return { ...facts, features: new Float32Array(bytes.buffer, bytes.byteOffset, numbers), start };
}

const ADVICE = "Delete it: what it held is computed anew.";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
