import { crc32, deflateSync } from "node:zlib";
import type { Picture } from "./record.ts";

/**
 * A picture as a PNG in a data URI: 8 bits per channel, grey or RGB. Values outside [0, 1] are clipped.
 */
export function pngDataUri({ width, height, channels, pixels }: Picture): string {
  const bytes = new Uint8Array(width * height * channels);
  for (let at = 0; at < width * height; at++) {
    for (let c = 0; c < channels; c++) {
      const value = Math.min(1, Math.max(0, pixels[c * width * height + at]));
      bytes[at * channels + c] = Math.round(255 * value);
    }
  }
  return `data:image/png;base64,${encodePng({ width, height, channels, bytes }).toString("base64")}`;
}

/** Pixels as a screen has them: [H, W, C] bytes. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly bytes: Uint8Array;
}

/**
 * A PNG file, grey or RGB.
 * Source: PNG specification (third edition), sections 5 and 9.
 */
export function encodePng({ width, height, channels, bytes }: Raster): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8; // bits per channel
  header[9] = channels === 3 ? 2 : 0; // colour type: RGB or grey

  // Each row: filter type 0 (none), then the pixels.
  const stride = width * channels;
  const rows = Buffer.alloc(height * (1 + stride));
  for (let y = 0; y < height; y++) {
    rows.set(bytes.subarray(y * stride, (y + 1) * stride), y * (1 + stride) + 1);
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Length, type, data, CRC of type and data. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
