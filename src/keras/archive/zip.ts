/**
 * Zip archives of strangers, in memory. The central directory at the end says what there is; nothing is unpacked before
 * its size is known, and every entry's checksum holds.
 *
 * Format: PKWARE's APPNOTE, sections 4.3 and 4.4.
 */
import { inflateSync } from "fflate";
import { ModelError } from "../../onnx/index.ts";
import { crc32 } from "./crc32.ts";

/** A file in an archive. */
export interface ZipEntry {
  readonly name: string;
  /** Stored as it is, or compressed ("deflate"). */
  readonly isStored: boolean;
  readonly size: number;
  readonly crc: number;
  /** The bytes that the archive has of it, compressed or not. */
  readonly start: number;
  readonly storedSize: number;
  /** Positions of its checksum, in front of its bytes and in the directory. */
  readonly crcAt: readonly [local: number, central: number];
  /** Whether the checksum stands behind the bytes instead, as in archives that were written to a pipe. */
  readonly isStreamed: boolean;
}

/**
 * What an entry may unpack to, so that a small file cannot ask for all memory: weights hardly shrink. Keras' own bound
 * is a hundred times the stored size, too.
 */
const mostUnpacked = (storedSize: number): number =>
  Math.min(2 ** 31 - 1, Math.max(2 ** 24, 100 * storedSize));
const mostEntries = 10_000;

/**
 * The files in an archive, in its order.
 *
 * @throws ModelError for archives that are cut off, encrypted, of several parts or larger than 4 GB, that name a file
 *   twice or keep two in the same bytes
 */
export function zipEntries(bytes: Uint8Array): ReadonlyMap<string, ZipEntry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endRecord(view);
  const [count, size, start] = [
    view.getUint16(end + 10, true),
    view.getUint32(end + 12, true),
    view.getUint32(end + 16, true),
  ];
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count) {
    throw new ModelError("it is one part of an archive of several");
  }
  if (count === 0xffff || start === 0xffff_ffff)
    throw new ModelError("it is a zip64 archive, which is not read");
  if (count > mostEntries) throw new ModelError(`it has ${count} files; ${mostEntries} are the most`);
  if (start + size > end) throw damaged("its directory lies behind its end");
  const entries = new Map<string, ZipEntry>();
  let at = start;
  for (let index = 0; index < count; index++) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x0201_4b50)
      throw damaged(`file ${index + 1} of ${count}`);
    const lengths = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const next = at + 46 + lengths[0] + lengths[1] + lengths[2];
    if (next > end) throw damaged(`file ${index + 1} of ${count}`);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + lengths[0]));
    if (entries.has(name)) throw new ModelError(`it has two files named ${JSON.stringify(name)}`);
    entries.set(name, entryAt(view, at, name, start));
    at = next;
  }
  checkApart(entries);
  return entries;
}

/** The last structure of an archive; only its comment may follow it. */
function endRecord(view: DataView): number {
  const last = view.byteLength - 22;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (
      view.getUint32(at, true) === 0x0605_4b50 &&
      at + 22 + view.getUint16(at + 20, true) === view.byteLength
    ) {
      return at;
    }
  }
  throw damaged("it has no directory at its end");
}

function entryAt(view: DataView, at: number, name: string, directory: number): ZipEntry {
  const u16 = (position: number) => view.getUint16(position, true);
  const u32 = (position: number) => view.getUint32(position, true);
  const quoted = JSON.stringify(name);
  const [flags, method, crc, storedSize, size, local] = [
    u16(at + 8),
    u16(at + 10),
    u32(at + 16),
    u32(at + 20),
    u32(at + 24),
    u32(at + 42),
  ];
  if (flags & 0x41) throw new ModelError(`its file ${quoted} is encrypted`);
  if (method !== 0 && method !== 8) {
    throw new ModelError(
      `its file ${quoted} is compressed by method ${method}; 0 (stored) and 8 (deflate) are read`,
    );
  }
  if ([storedSize, size, local].includes(0xffff_ffff)) {
    throw new ModelError(`its file ${quoted} is a zip64 entry, which is not read`);
  }
  if (local + 30 > directory || u32(local) !== 0x0403_4b50)
    throw damaged(`its file ${quoted} is not where it should be`);
  const start = local + 30 + u16(local + 26) + u16(local + 28);
  if (start + storedSize > directory) throw damaged(`its file ${quoted} leaves the archive`);
  if (method === 0 && size !== storedSize)
    throw damaged(`its file ${quoted} has ${storedSize} bytes and says ${size}`);
  return {
    name,
    isStored: method === 0,
    size,
    crc,
    start,
    storedSize,
    crcAt: [local + 14, at + 16],
    isStreamed: (flags & 8) !== 0,
  };
}

function checkApart(entries: ReadonlyMap<string, ZipEntry>): void {
  let before: ZipEntry | undefined;
  for (const entry of [...entries.values()].sort((a, b) => a.crcAt[0] - b.crcAt[0])) {
    // A file's checksum stands fourteen bytes behind the beginning of what belongs to it.
    if (before && entry.crcAt[0] - 14 < before.start + before.storedSize) {
      throw damaged(`its files ${JSON.stringify(before.name)} and ${JSON.stringify(entry.name)} share bytes`);
    }
    before = entry;
  }
}

/** An entry's own bytes: a view where it is stored. */
export function unzipped(bytes: Uint8Array, entry: ZipEntry): Uint8Array {
  const stored = bytes.subarray(entry.start, entry.start + entry.storedSize);
  const unpacked = entry.isStored ? stored : inflated(stored, entry);
  if (crc32(unpacked) !== entry.crc) {
    throw damaged(`its file ${JSON.stringify(entry.name)} does not have its checksum`);
  }
  return unpacked;
}

function inflated(stored: Uint8Array, { name, size, storedSize }: ZipEntry): Uint8Array {
  const quoted = JSON.stringify(name);
  const most = mostUnpacked(storedSize);
  if (size > most) {
    throw new ModelError(
      `its file ${quoted} says that ${storedSize} bytes unpack to ${size}; ${most} are the most`,
    );
  }
  let unpacked: Uint8Array;
  try {
    // One byte of room more than stated shows what is longer; fflate writes no further.
    unpacked = inflateSync(stored, { out: new Uint8Array(size + 1) });
  } catch (cause) {
    throw new ModelError(`its file ${quoted} cannot be unpacked: ${(cause as Error).message}`, { cause });
  }
  if (unpacked.length !== size)
    throw damaged(`its file ${quoted} does not have the ${size} bytes that it says`);
  return unpacked;
}

/**
 * The archive with other bytes of the same number for one entry. Where it lies stored, no other byte changes but its
 * checksums; otherwise it is stored in an archive written anew: the same files in the same order, the others' bytes as
 * they were.
 */
export function withEntry(
  bytes: Uint8Array,
  entries: ReadonlyMap<string, ZipEntry>,
  name: string,
  content: Uint8Array,
): Uint8Array {
  const crc = crc32(content);
  const entry = entries.get(name);
  if (entry?.isStored && !entry.isStreamed && content.length === entry.size) {
    const patched = bytes.slice();
    patched.set(content, entry.start);
    const view = new DataView(patched.buffer);
    for (const at of entry.crcAt) view.setUint32(at, crc, true);
    return patched;
  }
  return joined(
    [...entries.values()].map((each) =>
      each.name === name
        ? { name, method: 0, crc, size: content.length, content }
        : {
            name: each.name,
            method: each.isStored ? 0 : 8,
            crc: each.crc,
            size: each.size,
            content: bytes.subarray(each.start, each.start + each.storedSize),
          },
    ),
  );
}

/** An archive of these files, stored as they are: numbers hardly shrink. Equal files give equal bytes. */
export const zipOf = (files: ReadonlyMap<string, Uint8Array>): Uint8Array =>
  joined(
    [...files].map(([name, content]) => ({
      name,
      method: 0,
      crc: crc32(content),
      size: content.length,
      content,
    })),
  );

interface Part {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly size: number;
  /** As the archive holds it. */
  readonly content: Uint8Array;
}

/** An archive of these files, all of zip's first day, so that equal files give equal bytes. */
function joined(parts: readonly Part[]): Uint8Array {
  const named = parts.map((part) => ({ ...part, path: new TextEncoder().encode(part.name) }));
  const directory = named.reduce((sum, { path, content }) => sum + 30 + path.length + content.length, 0);
  const end = named.reduce((sum, { path }) => sum + 46 + path.length, directory);
  const bytes = new Uint8Array(end + 22);
  const view = new DataView(bytes.buffer);
  let [at, central] = [0, directory];
  for (const { path, method, crc, size, content } of named) {
    // Version 2.0, names in UTF-8, the method, midnight of 1980-01-01, then checksum and sizes: the same in both places.
    const fields = (start: number): void => {
      [20, 0x800, method, 0, 0x21].forEach((value, index) => view.setUint16(start + 2 * index, value, true));
      [crc, content.length, size].forEach((value, index) =>
        view.setUint32(start + 10 + 4 * index, value, true),
      );
      view.setUint16(start + 22, path.length, true);
    };
    view.setUint32(central, 0x0201_4b50, true);
    view.setUint16(central + 4, 20, true);
    fields(central + 6);
    view.setUint32(central + 42, at, true);
    bytes.set(path, central + 46);
    central += 46 + path.length;
    view.setUint32(at, 0x0403_4b50, true);
    fields(at + 4);
    bytes.set(path, at + 30);
    bytes.set(content, at + 30 + path.length);
    at += 30 + path.length + content.length;
  }
  view.setUint32(end, 0x0605_4b50, true);
  view.setUint16(end + 8, parts.length, true);
  view.setUint16(end + 10, parts.length, true);
  view.setUint32(end + 12, end - directory, true);
  view.setUint32(end + 16, directory, true);
  return bytes;
}

const damaged = (what: string): ModelError => new ModelError(`it is cut off or damaged: ${what}`);
