import { orientationInXmp } from "../orientation-in-xmp.ts";
import { exifOrientation } from "./exif-orientation.ts";
import type { PlainFile } from "./plain-file-type.ts";

const EXIF_XMP = 0xe1;
/** Colour profiles, and pictures behind the picture. */
const PROFILES = 0xe2;
const SCAN = 0xda;
const END = 0xd9;

/** A JPEG without its EXIF, XMP and colour profile. @throws Error for one that ends early */
export function plainJpeg(bytes: Uint8Array): PlainFile {
  const parts = [bytes.subarray(0, 2)];
  let found: Pick<PlainFile, "size" | "channels"> = {};
  let exif: number | undefined;
  let xmp: number | undefined;
  let at = 2;
  while (at + 4 <= bytes.length) {
    // Markers may be filled up, and stray bytes lie between segments.
    if (bytes[at] !== 0xff || bytes[at + 1] === 0xff || bytes[at + 1] === 0) {
      at++;
      continue;
    }
    const marker = bytes[at + 1];
    if (marker === SCAN) {
      if (!hasEnd(bytes, at)) break;
      parts.push(bytes.subarray(at));
      return { parts, ...found, orientation: exif ?? xmp };
    }
    const isAlone = marker === 1 || (marker >= 0xd0 && marker <= 0xd8);
    const length = isAlone ? 0 : (bytes[at + 2] << 8) | bytes[at + 3];
    const segment = bytes.subarray(at, at + 2 + length);
    const content = segment.subarray(4);
    if (marker === EXIF_XMP) {
      exif ??= exifOrientation(content);
      xmp ??= isXmp(content) ? orientationInXmp(content) : undefined;
    } else if (marker !== PROFILES) parts.push(segment);
    if (isFrame(marker) && content.length >= 6) {
      found = {
        size: { height: (content[1] << 8) | content[2], width: (content[3] << 8) | content[4] },
        channels: content[5] === 1 ? 1 : 3,
      };
    }
    at += segment.length;
  }
  throw new Error("it ends early");
}

/** Start of frame, of any kind of compression. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

const isXmp = (content: Uint8Array): boolean =>
  new TextDecoder("latin1").decode(content.subarray(0, 28)) === "http://ns.adobe.com/xap/1.0/";

/** Whether the end's marker is there: decoders make up what is missing. */
function hasEnd(bytes: Uint8Array, from: number): boolean {
  for (let at = bytes.length - 2; at > from; at--)
    if (bytes[at] === 0xff && bytes[at + 1] === END) return true;
  return false;
}
