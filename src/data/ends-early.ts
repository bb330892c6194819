/** Whether an image's file has no end where its format wants one, as after a download that broke off. */

/** Bytes at the end of a file among which its format's mark is looked for. */
const tail = 64;

const jpegEnd = Buffer.of(0xff, 0xd9);
const pngEnd = Buffer.from("IEND");

/**
 * True where a JPEG, PNG or WebP seems to lack its end. Some that do are whole all the same, as photographs with a film behind
 * them: decoding tells. Other formats are not looked at.
 */
export function endsEarly(bytes: Uint8Array): boolean {
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(-tail);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return !end.includes(jpegEnd);
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return !end.includes(pngEnd);
  if (bytes.length >= 12 && String.fromCharCode(...bytes.subarray(0, 4)) === "RIFF") {
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) + 8 > bytes.length;
  }
  return false;
}
