/**
 * A picture's file without what browsers act on, each in its own way: colour profiles, the camera's orientation, gamma chunks. What
 * is left every decoder turns into the same pixels, and the orientation is known.
 */
import type { Size } from "../picture-size.ts";
import type { PlainFile } from "./plain-file-type.ts";
import { plainJpeg } from "./plain-jpeg.ts";
import { plainPng } from "./plain-png.ts";
import { plainWebp } from "./plain-webp.ts";

const startsWith = (bytes: Uint8Array, text: string, at = 0): boolean =>
  [...text].every((character, i) => bytes[at + i] === character.charCodeAt(0));

interface Format {
  readonly matches: (bytes: Uint8Array) => boolean;
  readonly read: (bytes: Uint8Array) => PlainFile;
}

const refused = (reason: string): Format["read"] => {
  return () => {
    throw new Error(reason);
  };
};

/** Phones that are asked for JPEG make one. */
const asJpeg = `ask for JPEG where it is chosen, <input type="file" accept="image/jpeg,image/png">, as phones then convert it`;

const formats: readonly Format[] = [
  { matches: (bytes) => bytes.length === 0, read: refused("it is empty") },
  { matches: (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8, read: plainJpeg },
  { matches: (bytes) => startsWith(bytes, "\x89PNG\r\n\x1a\n"), read: plainPng },
  { matches: (bytes) => startsWith(bytes, "RIFF") && startsWith(bytes, "WEBP", 8), read: plainWebp },
  // Transparent pixels of a GIF are black everywhere.
  {
    matches: (bytes) => startsWith(bytes, "GIF8"),
    read: (bytes) => ({ parts: [bytes], size: gifSize(bytes) }),
  },
  {
    matches: (bytes) => brandsOf(bytes).some((brand) => /^avi[fs]$/.test(brand)),
    read: (bytes) => ({ parts: [bytes], mayHideColours: true }),
  },
  {
    matches: (bytes) => brandsOf(bytes).some((brand) => /^(hei[cmsx]|hev[cmx]|mif1|msf1)$/.test(brand)),
    read: refused(`it is HEIC, which pages cannot decode: ${asJpeg}`),
  },
  {
    matches: (bytes) => startsWith(bytes, "II*\0") || startsWith(bytes, "MM\0*"),
    read: refused("it is TIFF, which pages cannot decode: convert it to PNG, or ask the model in Node"),
  },
  {
    matches: (bytes) => /^\s*<(\?xml|svg|!doctype svg)/i.test(beginning(bytes)),
    read: refused(
      "it is SVG, a picture without pixels: draw it on a canvas of the size you want and give that",
    ),
  },
  {
    matches: (bytes) => /^\s*<(!doctype html|html)/i.test(beginning(bytes)),
    read: refused("it is a web page: the server has no such file, perhaps, and answers so"),
  },
  {
    matches: () => true,
    read: refused("it is of no format that is known; JPEG, PNG, WebP, GIF, AVIF, BMP and Netpbm are read"),
  },
];

/**
 * The format is told by the bytes: what a file's name or a Blob's type says is often another.
 *
 * @throws Error that says what is wrong, for a format that no page decodes and for damaged files
 */
export const plainFile = (bytes: Uint8Array): PlainFile =>
  formats.find(({ matches }) => matches(bytes))!.read(bytes);

const beginning = (bytes: Uint8Array): string => new TextDecoder().decode(bytes.subarray(0, 256));

/** Of files of ISO's container, the major one first. */
function brandsOf(bytes: Uint8Array): string[] {
  if (!startsWith(bytes, "ftyp", 4)) return [];
  const end = Math.min(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), bytes.length, 256);
  const at = [8, ...Array.from({ length: Math.max(0, Math.floor((end - 16) / 4)) }, (_, i) => 16 + 4 * i)];
  return at.map((place) => String.fromCharCode(...bytes.subarray(place, place + 4)));
}

function gifSize(bytes: Uint8Array): Size {
  if (bytes.length < 10) throw new Error("it ends early");
  return { width: bytes[6] | (bytes[7] << 8), height: bytes[8] | (bytes[9] << 8) };
}
