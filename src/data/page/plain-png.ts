import { orientationInXmp } from "../orientation-in-xmp.ts";
import { exifOrientation } from "./exif-orientation.ts";
import type { PlainFile } from "./plain-file-type.ts";

/** What pixels are made of; gamma, profiles and films are not. */
const kept: ReadonlySet<string> = new Set(["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]);

/** A PNG of its pixels alone. @throws Error for one that ends early */
export function plainPng(bytes: Uint8Array): PlainFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts = [bytes.subarray(0, 8)];
  let header: DataView | undefined;
  let hasTransparent = false;
  let exif: number | undefined;
  let xmp: number | undefined;
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > bytes.length) break;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const content = bytes.subarray(at + 8, end - 4);
    if (kept.has(type)) parts.push(bytes.subarray(at, end));
    if (type === "IHDR" && length >= 13) header = new DataView(bytes.buffer, bytes.byteOffset + at + 8, 13);
    if (type === "tRNS") hasTransparent = true;
    if (type === "eXIf") exif ??= exifOrientation(content);
    if (type === "iTXt") xmp ??= xmpOrientation(content);
    if (type === "IEND" && header) {
      const colours = header.getUint8(9);
      return {
        parts,
        size: { width: header.getUint32(0), height: header.getUint32(4) },
        channels: colours === 0 || colours === 4 ? 1 : 3,
        mayHideColours: hasTransparent || colours >= 4,
        orientation: exif ?? xmp,
      };
    }
    at = end;
  }
  throw new Error("it ends early");
}

/** Of text that is XMP and not compressed. */
function xmpOrientation(content: Uint8Array): number | undefined {
  const keyword = "XML:com.adobe.xmp\0\0";
  const isXmp = new TextDecoder("latin1").decode(content.subarray(0, keyword.length)) === keyword;
  return isXmp ? orientationInXmp(content) : undefined;
}
