/**
 * Windows bitmaps, which sharp does not read: 1, 4, 8, 16, 24 and 32 bits a pixel, run lengths, masks, either order of rows,
 * headers of OS/2 and Windows. Pixels as Pillow's BmpImagePlugin has them; an alpha channel is dropped.
 *
 * Source: "Bitmap Storage" and BITMAPINFOHEADER, Microsoft's Windows GDI documentation.
 */
import { checkLimit } from "../options/index.ts";
import type { Channels } from "./planar.ts";

/** What the headers say. */
export interface BmpHeader {
  readonly height: number;
  readonly width: number;
  /** 1 where each colour of a palette is a grey. */
  readonly channels: Channels;
  readonly bits: number;
  readonly compression: number;
  /** The first row of the file is the top one. */
  readonly isTopDown: boolean;
  /** Red, green and blue of each entry; empty where pixels hold their colours. */
  readonly palette: Uint8Array;
  /** Which bits of a pixel are red, green and blue, of 16 and 32 bits. */
  readonly masks: readonly number[];
  /** Where the pixels begin. */
  readonly start: number;
}

/** How pixels are stored, by the header's number. */
const RGB = 0;
const RLE8 = 1;
const RLE4 = 2;
const BITFIELDS = 3;
const ALPHA_BITFIELDS = 6;

/** Of pixels without masks of their own. */
const usualMasks: ReadonlyMap<number, readonly number[]> = new Map([
  [16, [0x7c00, 0x03e0, 0x001f]],
  [32, [0xff0000, 0x00ff00, 0x0000ff]],
]);

export const isBmp = (bytes: Uint8Array): boolean => bytes[0] === 0x42 && bytes[1] === 0x4d;

/**
 * @param file  for messages
 * @throws Error that says what is wrong, LimitError
 */
export function readBmpHeader(bytes: Uint8Array, file: string): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  need(bytes, 26);
  const [start, size] = [view.getUint32(10, true), view.getUint32(14, true)];
  // OS/2's first header has 12 bytes and shorter fields.
  const isOld = size === 12;
  if (!isOld && (size < 40 || size > 124)) throw new Error(`its header of ${size} bytes is not known`);
  need(bytes, 14 + size);
  const width = isOld ? view.getUint16(18, true) : view.getInt32(18, true);
  const rows = isOld ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(isOld ? 24 : 28, true);
  const compression = isOld ? RGB : view.getUint32(30, true);
  const height = Math.abs(rows);
  if (width <= 0 || height === 0) throw new Error(`its size is ${height}×${width}`);
  checkLimit("imagePixels", height * width, `The image ${file}, ${height}×${width},`);
  checkKind(bits, compression, isOld);
  const isMasked = compression === BITFIELDS || compression === ALPHA_BITFIELDS;
  // Windows' first header is followed by the masks, later ones hold them.
  const masksSize = isMasked && size === 40 ? (compression === BITFIELDS ? 12 : 16) : 0;
  need(bytes, 14 + size + masksSize);
  const masks = [0, 1, 2].map((i) => (isMasked ? view.getUint32(54 + 4 * i, true) : 0));
  const palette =
    bits <= 8
      ? paletteOf(bytes, {
          at: 14 + size + masksSize,
          entry: isOld ? 3 : 4,
          count: (isOld ? 0 : view.getUint32(46, true)) || 1 << bits,
        })
      : new Uint8Array();
  return {
    height,
    width,
    channels: bits <= 8 && isGrey(palette) ? 1 : 3,
    bits,
    compression,
    isTopDown: rows < 0,
    palette,
    // Files whose masks are all 0 mean the usual ones.
    masks: masks.some((each) => each !== 0) ? masks : (usualMasks.get(bits) ?? masks),
    // Some writers forget the palette when they say where the pixels begin.
    start: bits <= 8 && start === 14 + size ? start + (isOld ? 3 : 4) * (palette.length / 3) : start,
  };
}

/** Interleaved bytes [H, W, channels]. @throws Error that says what is wrong, LimitError */
export function decodeBmp(bytes: Uint8Array, file: string): BmpHeader & { readonly data: Uint8Array } {
  const header = readBmpHeader(bytes, file);
  const { height, width, channels, bits, isTopDown } = header;
  const data = new Uint8Array(height * width * channels);
  const rowOf = (stored: number) => (isTopDown ? stored : height - 1 - stored) * width * channels;
  if (header.compression === RLE8 || header.compression === RLE4) {
    const indices = unpackedRuns(bytes, header);
    for (let row = 0; row < height; row++) {
      for (let x = 0, to = rowOf(row); x < width; x++, to += channels)
        writeEntry(header, indices[row * width + x], data, to);
    }
    return { ...header, data };
  }
  // Rows are filled up to whole words of 32 bits.
  const stride = Math.ceil((width * bits) / 32) * 4;
  need(bytes, header.start + stride * (height - 1) + Math.ceil((width * bits) / 8));
  for (let row = 0; row < height; row++) {
    const from = header.start + row * stride;
    const to = rowOf(row);
    if (bits <= 8) writeIndexed(bytes, from, header, data, to);
    else if (bits === 24) writeBytes(bytes, from, width, data, to);
    else writeMasked(bytes, from, header, data, to);
  }
  return { ...header, data };
}

function checkKind(bits: number, compression: number, isOld: boolean): void {
  const kinds: ReadonlyMap<number, readonly number[]> = new Map([
    [RGB, isOld ? [1, 4, 8, 24] : [1, 4, 8, 16, 24, 32]],
    [RLE8, [8]],
    [RLE4, [4]],
    [BITFIELDS, [16, 24, 32]],
    [ALPHA_BITFIELDS, [16, 32]],
  ]);
  if (kinds.get(compression)?.includes(bits)) return;
  throw new Error(`it is a bitmap of ${bits} bits a pixel and compression ${compression}, which is not read`);
}

function need(bytes: Uint8Array, end: number): void {
  if (end > bytes.length) throw new Error(`it ends after ${bytes.length} bytes, before its ${end}th`);
}

function paletteOf(
  bytes: Uint8Array,
  { at, entry, count }: { at: number; entry: number; count: number },
): Uint8Array {
  const held = Math.max(0, Math.floor((bytes.length - at) / entry));
  const entries = Math.min(count, held, 256);
  if (entries === 0) throw new Error("it has no palette");
  const palette = new Uint8Array(3 * entries);
  for (let i = 0; i < entries; i++) {
    for (let channel = 0; channel < 3; channel++)
      palette[3 * i + channel] = bytes[at + i * entry + 2 - channel];
  }
  return palette;
}

function isGrey(palette: Uint8Array): boolean {
  for (let i = 0; i < palette.length; i += 3) {
    if (palette[i] !== palette[i + 1] || palette[i] !== palette[i + 2]) return false;
  }
  return true;
}

/** A pixel by its entry of the palette; one that the palette lacks is black. */
function writeEntry({ palette, channels }: BmpHeader, index: number, data: Uint8Array, to: number): void {
  for (let channel = 0; channel < channels; channel++) data[to + channel] = palette[3 * index + channel] ?? 0;
}

function writeIndexed(
  bytes: Uint8Array,
  from: number,
  header: BmpHeader,
  data: Uint8Array,
  to: number,
): void {
  const { width, bits, channels } = header;
  const perByte = 8 / bits;
  for (let x = 0; x < width; x++) {
    const shift = 8 - bits * ((x % perByte) + 1);
    const index = (bytes[from + Math.floor(x / perByte)] >> shift) & ((1 << bits) - 1);
    writeEntry(header, index, data, to + x * channels);
  }
}

/** Blue, green, red to red, green, blue. */
function writeBytes(bytes: Uint8Array, from: number, width: number, data: Uint8Array, to: number): void {
  for (let x = 0, at = from, place = to; x < width; x++, at += 3, place += 3) {
    data[place] = bytes[at + 2];
    data[place + 1] = bytes[at + 1];
    data[place + 2] = bytes[at];
  }
}

function writeMasked(
  bytes: Uint8Array,
  from: number,
  { width, bits, masks }: BmpHeader,
  data: Uint8Array,
  to: number,
): void {
  const fields = masks.map(fieldOf);
  for (let x = 0; x < width; x++) {
    const at = from + (x * bits) / 8;
    let pixel = bytes[at] | (bytes[at + 1] << 8);
    if (bits === 32) pixel |= (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    fields.forEach(({ shift, most }, channel) => {
      data[to + 3 * x + channel] =
        most === 0 ? 0 : Math.trunc((((pixel >>> shift) & most) / most) * 255 + 1e-9);
    });
  }
}

/** Where a mask's bits begin, and the greatest number they hold. */
function fieldOf(mask: number): { readonly shift: number; readonly most: number } {
  if (mask === 0) return { shift: 0, most: 0 };
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  if ((most & (most + 1)) !== 0 || most > 0xffff)
    throw new Error(`its mask 0x${mask.toString(16)} is not possible`);
  return { shift, most };
}

/** Indices [H, W] in the file's order of rows. What runs leave out is entry 0. */
function unpackedRuns(bytes: Uint8Array, { height, width, compression, start }: BmpHeader): Uint8Array {
  const indices = new Uint8Array(height * width);
  let [x, row, at] = [0, 0, start];
  const put = (index: number) => {
    if (x < width && row < height) indices[row * width + x] = index;
    x++;
  };
  const nibble = (byte: number, i: number) => (i % 2 === 0 ? byte >> 4 : byte & 15);
  const isHalf = compression === RLE4;
  while (row < height) {
    need(bytes, at + 2);
    const [count, value] = [bytes[at], bytes[at + 1]];
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(isHalf ? nibble(value, i) : value);
    } else if (value === 0) {
      [x, row] = [0, row + 1];
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      need(bytes, at + 2);
      x += bytes[at];
      row += bytes[at + 1];
      at += 2;
    } else {
      const held = isHalf ? Math.ceil(value / 2) : value;
      need(bytes, at + held);
      for (let i = 0; i < value; i++) put(isHalf ? nibble(bytes[at + (i >> 1)], i) : bytes[at + i]);
      // Runs of their own are filled up to whole words of 16 bits.
      at += held + (held % 2);
    }
  }
  return indices;
}
