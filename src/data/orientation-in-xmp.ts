/** The orientation that XMP states, a number as EXIF's; undefined where it states none. Pillow reads it so too. */
export function orientationInXmp(xmp: Uint8Array): number | undefined {
  const [, digit] = /tiff:Orientation(?:="|>)([0-9])/.exec(Buffer.from(xmp).toString("latin1")) ?? [];
  return digit === undefined ? undefined : Number(digit);
}
