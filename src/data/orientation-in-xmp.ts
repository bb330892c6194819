/** The orientation that XMP states, a number as EXIF's; undefined where it states none. Pillow reads it so too. */
export function orientationInXmp(xmp: Uint8Array): number | undefined {
  const [, digit] = /tiff:Orientation(?:="|>)([0-9])/.exec(new TextDecoder("latin1").decode(xmp)) ?? [];
  return digit === undefined ? undefined : Number(digit);
}
