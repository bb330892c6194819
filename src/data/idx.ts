/**
 * The IDX format of MNIST and its relatives: bytes 0 0, an element type, the number of axes, each axis length
 * as a big-endian uint32, then the elements in row-major order.
 * Source: Yann LeCun, The MNIST Database, "The IDX file format".
 */
import { sizeOf } from "../tensor/index.ts";
import { DataError } from "./errors.ts";
import { writePlanar } from "./planar.ts";

/** An IDX file of bytes. */
export interface IdxArray {
  readonly shape: readonly number[];
  /** Views the file's bytes. */
  readonly data: Uint8Array;
}

const typeNames: Readonly<Record<number, string>> = {
  0x08: "unsigned byte",
  0x09: "signed byte",
  0x0b: "int16",
  0x0c: "int32",
  0x0d: "float32",
  0x0e: "float64",
};

/** Bytes of a file of bytes by its header; undefined where it begins as no such file does. */
export function idxBytes(head: Uint8Array): number | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 4 || view.getUint32(0) >>> 8 !== UNSIGNED_BYTE || head.length < 4 + 4 * head[3])
    return undefined;
  return 4 + 4 * head[3] + sizeOf(Array.from({ length: head[3] }, (_, axis) => view.getUint32(4 + 4 * axis)));
}

const UNSIGNED_BYTE = 0x08;

/** @param file  named in errors */
export function parseIdx(bytes: Uint8Array, file: string): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0 || !Object.hasOwn(typeNames, bytes[2]) || bytes[3] === 0) {
    throw new DataError(
      `${file} is not an IDX file: expected it to start with bytes 0, 0, an element type (8 for unsigned bytes) ` +
        `and the number of axes; found ${bytes.length === 0 ? "no bytes" : [...bytes.subarray(0, 4)].join(", ")}. ` +
        `Get the file again.`,
    );
  }
  if (bytes[2] !== UNSIGNED_BYTE) {
    throw new DataError(
      `${file} holds ${typeNames[bytes[2]]} elements (type ${bytes[2]}); only unsigned bytes (type 8) are read. ` +
        `Scale the values to 0 … 255 and store them as unsigned bytes.`,
    );
  }
  const rank = bytes[3];
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes) {
    throw new DataError(
      `${file} ends in its header: ${rank} axes need ${headerBytes} bytes, found ${bytes.length}. ` +
        `Get the file again.`,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const data = bytes.subarray(headerBytes);
  if (data.length !== sizeOf(shape)) {
    throw new DataError(
      `${file} is ${data.length < sizeOf(shape) ? "cut short" : "too long"}: shape [${shape}] needs ` +
        `${sizeOf(shape)} bytes after the header, found ${data.length}. Get the file again.`,
    );
  }
  if (data.length === 0) {
    throw new DataError(`${file} is empty: its shape is [${shape}]. Use a file with one or more samples.`);
  }
  return { shape, data };
}

/** Images of an IDX file: [N, H, W], or [N, H, W, C] with 1 or 3 interleaved channels. */
export function parseIdxImages(
  bytes: Uint8Array,
  file: string,
): { shape: [channels: number, height: number, width: number]; pixels: Uint8Array; count: number } {
  const { shape, data } = parseIdx(bytes, file);
  const [count, height, width, channels = 1] = shape;
  if (shape.length === 3 || (shape.length === 4 && channels === 1)) {
    return { shape: [1, height, width], pixels: data, count };
  }
  if (shape.length !== 4 || channels !== 3) {
    throw new DataError(
      `${file} has shape [${shape}]; expected images [N, H, W], or [N, H, W, C] with C = 1 or 3. ` +
        `Store one image after the other, the channels of a pixel side by side.`,
    );
  }
  const imageSize = 3 * height * width;
  const pixels = new Uint8Array(data.length);
  for (let start = 0; start < data.length; start += imageSize) {
    const end = start + imageSize;
    writePlanar(data.subarray(start, end), 3, 3, pixels.subarray(start, end));
  }
  return { shape: [3, height, width], pixels, count };
}

/** Labels of an IDX file: [N] class indices. */
export function parseIdxLabels(bytes: Uint8Array, file: string): Uint8Array {
  const { shape, data } = parseIdx(bytes, file);
  if (shape.length !== 1) {
    throw new DataError(
      `${file} has shape [${shape}]; expected labels [N], one class index for each image. ` +
        `Check that the images file and the labels file are not exchanged.`,
    );
  }
  return data;
}
