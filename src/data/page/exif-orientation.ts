/** The orientation that a block of EXIF states; undefined where it states none that there is. */
export function exifOrientation(exif: Uint8Array): number | undefined {
  // JPEG's segments begin so, and some writers' chunks of other formats.
  const isNamed = String.fromCharCode(...exif.subarray(0, 6)) === "Exif\0\0";
  const block = isNamed ? exif.subarray(6) : exif;
  const order = String.fromCharCode(...block.subarray(0, 2));
  if ((order !== "II" && order !== "MM") || block.length < 14) return undefined;
  const isLittle = order === "II";
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const start = view.getUint32(4, isLittle);
  if (start + 2 > block.length) return undefined;
  const entries = view.getUint16(start, isLittle);
  for (let entry = 0, at = start + 2; entry < entries && at + 12 <= block.length; entry++, at += 12) {
    if (view.getUint16(at, isLittle) !== ORIENTATION) continue;
    const number = view.getUint16(at + 8, isLittle);
    return number >= 1 && number <= 8 ? number : undefined;
  }
  return undefined;
}

/** EXIF 2.32's tag. */
const ORIENTATION = 0x0112;
