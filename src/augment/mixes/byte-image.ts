/** An image in bytes, as the operations of AugMix are defined on. */
export interface ByteImage {
  /** Channel by channel, each row by row: [C, H, W]. */
  readonly data: Uint8Array;
  readonly shape: readonly [channels: number, height: number, width: number];
  /** Pixels around the image proper, on each side: what is measured in it (centre, corner, width) is of the middle. */
  readonly margin: { readonly top: number; readonly left: number };
}

/** The image with other bytes. */
export const withBytes = (image: ByteImage, data: Uint8Array): ByteImage => ({ ...image, data });

/** Each byte by a table of 256 for its channel. */
export function looked(image: ByteImage, tableOf: (plane: Uint8Array) => ArrayLike<number>): ByteImage {
  const [channels, height, width] = image.shape;
  const size = height * width;
  const data = new Uint8Array(image.data.length);
  for (let c = 0; c < channels; c++) {
    const plane = image.data.subarray(c * size, (c + 1) * size);
    const table = tableOf(plane);
    for (let i = 0; i < size; i++) data[c * size + i] = table[plane[i]];
  }
  return withBytes(image, data);
}
