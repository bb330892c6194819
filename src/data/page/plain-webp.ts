import type { Size } from "../picture-size.ts";
import { orientationInXmp } from "../orientation-in-xmp.ts";
import { exifOrientation } from "./exif-orientation.ts";
import type { PlainFile } from "./plain-file-type.ts";

/** Flags of the extended header: a profile, EXIF and XMP are there. */
const DESCRIBED = 0x20 | 0x08 | 0x04;

/**
 * A WebP without its EXIF, XMP and colour profile. @throws Error for one that ends early
 *
 * Source: "WebP Container Specification", Google.
 */
export function plainWebp(bytes: Uint8Array): PlainFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 8 + view.getUint32(4, true);
  if (end > bytes.length || bytes.length < 20) throw new Error("it ends early");
  const parts: Uint8Array[] = [];
  let size: Size | undefined;
  let exif: number | undefined;
  let xmp: number | undefined;
  for (let at = 12; at + 8 <= end;) {
    const length = view.getUint32(at + 4, true);
    // Chunks are filled up to even lengths.
    const next = at + 8 + length + (length % 2);
    const type = String.fromCharCode(...bytes.subarray(at, at + 4));
    const content = bytes.subarray(at + 8, at + 8 + length);
    let part: Uint8Array | undefined = bytes.subarray(at, next);
    size ??= sizeIn(type, content);
    if (type === "VP8X") {
      part = part.slice();
      part[8] &= ~DESCRIBED;
    } else if (type === "EXIF") {
      exif ??= exifOrientation(content);
      part = undefined;
    } else if (type === "XMP ") {
      xmp ??= orientationInXmp(content);
      part = undefined;
    } else if (type === "ICCP") part = undefined;
    if (part) parts.push(part);
    at = next;
  }
  const head = bytes.slice(0, 12);
  const length = parts.reduce((sum, part) => sum + part.length, 4);
  new DataView(head.buffer).setUint32(4, length, true);
  return { parts: [head, ...parts], size, mayHideColours: true, orientation: exif ?? xmp };
}

/** Of the extended header, or of the first frame's. */
function sizeIn(type: string, content: Uint8Array): Size | undefined {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (type === "VP8X" && content.length >= 10) {
    const side = (at: number) => 1 + (content[at] | (content[at + 1] << 8) | (content[at + 2] << 16));
    return { width: side(4), height: side(7) };
  }
  if (type === "VP8 " && content.length >= 10)
    return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff };
  if (type === "VP8L" && content.length >= 5) {
    const bits = view.getUint32(1, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  return undefined;
}
