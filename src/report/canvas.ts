import { drawable, hasDot, letterAdvance } from "./dot-font.ts";
import { encodePng } from "./png.ts";
import type { Picture } from "./record.ts";

export type Colour = readonly [red: number, green: number, blue: number];

/** Dots of text are squares of this many pixels. */
export const dotSize = 2;

/** Width of a text in pixels, without the gap after its last letter. */
export const textWidth = (text: string): number =>
  Math.max(0, drawable(text).length * letterAdvance - 1) * dotSize;

/** A white area of pixels to draw on; what falls outside is cut off. */
export class Canvas {
  readonly #bytes: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.#bytes = new Uint8Array(3 * width * height).fill(255);
  }

  /** A filled rectangle. */
  fill(left: number, top: number, width: number, height: number, colour: Colour): void {
    for (let y = Math.max(0, top); y < Math.min(this.height, top + height); y++) {
      for (let x = Math.max(0, left); x < Math.min(this.width, left + width); x++) {
        this.#bytes.set(colour, 3 * (y * this.width + x));
      }
    }
  }

  /** One line of text, its upper left corner at (left, top). */
  text(text: string, left: number, top: number, colour: Colour): void {
    drawable(text).forEach((letter, i) => {
      for (let x = 0; x < 5; x++) {
        for (let y = 0; y < 8; y++) {
          if (!hasDot(letter, x, y)) continue;
          this.fill(left + (i * letterAdvance + x) * dotSize, top + y * dotSize, dotSize, dotSize, colour);
        }
      }
    });
  }

  /** A picture with each of its pixels as a square of `scale` pixels; values outside [0, 1] are clamped. */
  picture({ channels, height, width, pixels }: Picture, left: number, top: number, scale: number): void {
    const byte = (c: number, y: number, x: number) =>
      Math.round(255 * Math.min(1, Math.max(0, pixels[(c * height + y) * width + x])));
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const red = byte(0, y, x);
        const colour: Colour = channels === 3 ? [red, byte(1, y, x), byte(2, y, x)] : [red, red, red];
        this.fill(left + x * scale, top + y * scale, scale, scale, colour);
      }
    }
  }

  /** The canvas as the bytes of a PNG file. */
  toPng(): Buffer {
    return encodePng({ width: this.width, height: this.height, channels: 3, bytes: this.#bytes });
  }
}
