/** Upright pictures: cameras store what the sensor saw, and a number that says how it was held. */
import type { Size } from "./resample.ts";

/** EXIF's numbers: 1 is upright, the others are these. */
interface Turn {
  /** Rows become columns. */
  readonly isTransposed: boolean;
  /** From which end of the stored picture the rows and columns of the upright one count. */
  readonly fromBottom: boolean;
  readonly fromRight: boolean;
}

const turns: ReadonlyMap<number, Turn> = new Map([
  [2, { isTransposed: false, fromBottom: false, fromRight: true }],
  [3, { isTransposed: false, fromBottom: true, fromRight: true }],
  [4, { isTransposed: false, fromBottom: true, fromRight: false }],
  [5, { isTransposed: true, fromBottom: false, fromRight: false }],
  [6, { isTransposed: true, fromBottom: true, fromRight: false }],
  [7, { isTransposed: true, fromBottom: true, fromRight: true }],
  [8, { isTransposed: true, fromBottom: false, fromRight: true }],
]);

/** Whether it says that the picture is not upright as it is stored. */
export const isTurn = (orientation = 1): boolean => turns.has(orientation);

/** A picture's size once it is upright. Numbers that EXIF does not have say nothing. */
export const uprightSize = (size: Size, orientation = 1): Size =>
  turns.get(orientation)?.isTransposed ? { height: size.width, width: size.height } : size;

/**
 * A picture [H, W, channels] of interleaved bytes, turned upright: Pillow's `ImageOps.exif_transpose`.
 *
 * Source: EXIF 2.32, tag 0x0112.
 */
export function upright(picture: Uint8Array, channels: number, size: Size, orientation = 1): Uint8Array {
  const turn = turns.get(orientation);
  if (!turn) return picture;
  const { height, width } = size;
  const to = uprightSize(size, orientation);
  // Steps in the stored picture from one pixel of the upright one to the next in its row, and its column.
  const down = (turn.fromBottom ? -1 : 1) * width * channels;
  const right = (turn.fromRight ? -1 : 1) * channels;
  const [alongRow, alongColumn] = turn.isTransposed ? [down, right] : [right, down];
  let start = ((turn.fromBottom ? height - 1 : 0) * width + (turn.fromRight ? width - 1 : 0)) * channels;
  const result = new Uint8Array(picture.length);
  for (let row = 0, place = 0; row < to.height; row++, start += alongColumn) {
    for (let column = 0, at = start; column < to.width; column++, at += alongRow) {
      for (let channel = 0; channel < channels; channel++) result[place++] = picture[at + channel];
    }
  }
  return result;
}
