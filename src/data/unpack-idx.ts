import { createGunzip } from "node:zlib";
import { checkLimit } from "../options/index.ts";
import { DataError } from "./errors.ts";
import { idxBytes } from "./idx.ts";

/** Bytes. */
const LOOK_AHEAD = 2 ** 20;

/**
 * Unpacks a gzipped IDX file, as far as its own header says and no further: three megabytes can unpack to three gigabytes.
 * What is no IDX file is unpacked a little further: damaged data begin with anything, and are found out later.
 *
 * @param file  named in errors
 * @throws DataError for damaged gzip data, and for more bytes than the header says; LimitError
 */
export async function unpackIdx(packed: Uint8Array, file: string): Promise<Uint8Array> {
  let unpacked: Uint8Array | undefined;
  let foreign: Uint8Array | undefined;
  let at = 0;
  const stream = createGunzip();
  stream.end(packed);
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    if (unpacked === undefined) {
      const size = foreign ? undefined : idxBytes(chunk);
      if (size === undefined) {
        foreign ??= chunk;
        if ((at += chunk.length) > LOOK_AHEAD) break;
        continue;
      }
      checkLimit("unpackedBytes", size, `The file ${file}, unpacked,`);
      unpacked = new Uint8Array(size);
    }
    if (at + chunk.length > unpacked.length) {
      throw new DataError(
        `${file} is too long: it unpacks to more than the ${unpacked.length} bytes that its header says. Get the file again.`,
      );
    }
    unpacked.set(chunk, at);
    at += chunk.length;
  }
  if (foreign) return foreign;
  return unpacked?.subarray(0, at) ?? new Uint8Array(0);
}
