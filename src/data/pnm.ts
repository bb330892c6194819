/**
 * Netpbm's .pbm, .pgm, .ppm and .pnm, which sharp's binaries do not read and data sets such as GTSRB have: text or bytes, one bit,
 * grey or colour, 8 or 16 bits. Values are brought to 0 … 255 by the greatest that the header names, rounded.
 *
 * Source: netpbm's format descriptions, pbm(5), pgm(5), ppm(5).
 */
import { checkLimit } from "../options/index.ts";
import type { Channels } from "./planar.ts";
import { roundHalfEven } from "./round-half-even.ts";

/** What the header says. */
export interface PnmHeader {
  readonly height: number;
  readonly width: number;
  readonly channels: Channels;
  /** A bit a pixel, 1 for black. */
  readonly isBitmap: boolean;
  readonly isText: boolean;
  /** White. */
  readonly most: number;
  /** Where the pixels begin. */
  readonly start: number;
}

export const isPnm = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] >= 0x31 && bytes[1] <= 0x36 && (isSpace(bytes[2]) || bytes[2] === HASH);

const HASH = 0x23;

/** @throws Error that says what is wrong, LimitError */
export function readPnmHeader(bytes: Uint8Array, file: string): PnmHeader {
  const kind = bytes[1] - 0x30;
  const isBitmap = kind === 1 || kind === 4;
  const words = new Words(bytes, 2);
  const [width, height] = [words.number(), words.number()];
  const most = isBitmap ? 1 : words.number();
  if (width === 0 || height === 0 || most === 0 || most > 65535)
    throw new Error(`its header says ${height}×${width} pixels up to ${most}`);
  checkLimit("imagePixels", height * width, `The image ${file}, ${height}×${width},`);
  // One white space ends the header.
  return {
    height,
    width,
    channels: kind % 3 === 0 ? 3 : 1,
    isBitmap,
    isText: kind < 4,
    most,
    start: words.at + 1,
  };
}

/** Interleaved bytes [H, W, channels]. @throws Error that says what is wrong, LimitError */
export function decodePnm(bytes: Uint8Array, file: string): PnmHeader & { readonly data: Uint8Array } {
  const header = readPnmHeader(bytes, file);
  const { height, width, channels, isBitmap, isText, most, start } = header;
  const row = width * channels;
  const stride = isBitmap ? Math.ceil(width / 8) : row * (most > 255 ? 2 : 1);
  // In text each value takes at least a digit.
  const needed = start + (isText ? row * height : stride * height);
  if (bytes.length + (isText ? 1 : 0) < needed)
    throw new Error(`it ends after ${bytes.length} bytes, before its ${needed}th`);
  const words = new Words(bytes, start);
  const data = new Uint8Array(row * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < row; x++) {
      const at = start + y * stride;
      const value = isText
        ? isBitmap
          ? words.digit()
          : words.number()
        : isBitmap
          ? (bytes[at + (x >> 3)] >> (7 - (x & 7))) & 1
          : most > 255
            ? bytes[at + 2 * x] * 256 + bytes[at + 2 * x + 1]
            : bytes[at + x];
      data[to++] = isBitmap ? 255 * (1 - value) : roundHalfEven((Math.min(value, most) / most) * 255);
    }
  }
  return { ...header, data };
}

const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

/** Numbers in text, with white space and comments between. */
class Words {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
  ) {}

  number(): number {
    this.#skip();
    let value = 0;
    const start = this.at;
    for (; this.#isDigit() && this.at - start < 10; this.at++)
      value = 10 * value + this.bytes[this.at] - 0x30;
    if (this.at === start) throw new Error("a number is missing in it");
    return value;
  }

  /** Digits of a bitmap may stand without space between. */
  digit(): number {
    this.#skip();
    const value = this.bytes[this.at++] - 0x30;
    if (value !== 0 && value !== 1) throw new Error("a 0 or 1 is missing in it");
    return value;
  }

  #isDigit(): boolean {
    return this.bytes[this.at] >= 0x30 && this.bytes[this.at] <= 0x39;
  }

  #skip(): void {
    for (; isSpace(this.bytes[this.at]) || this.bytes[this.at] === HASH; this.at++) {
      if (this.bytes[this.at] !== HASH) continue;
      while (this.at < this.bytes.length && this.bytes[this.at] !== 0x0a) this.at++;
    }
  }
}
