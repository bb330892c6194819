import { InvalidArgumentError } from "commander";

/** Parsers of option values. What they throw, Commander prints behind the option's name and the given text. */

/** A whole number from `least` on. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = numberIn(text);
    if (!Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`Give a whole number of at least ${least}.`);
    }
    return value;
  };

/** `0.49,0.48,0.45`: a number for each channel. */
export function listOfNumbers(text: string): number[] {
  const values = text.split(",").map((part) => numberIn(part.trim()));
  if (!values.every(Number.isFinite)) {
    throw new InvalidArgumentError("Give one number per channel, with commas between, as in 0.49,0.48,0.45.");
  }
  return values;
}

/** `32` for a square, `32x48` for height × width. */
export function imageSize(text: string): readonly [height: number, width: number] {
  const [, height, width = height] = /^([1-9]\d{0,4})(?:x([1-9]\d{0,4}))?$/.exec(text) ?? [];
  if (height === undefined) {
    throw new InvalidArgumentError("Give a number of pixels, as in 32, or height x width, as in 32x48.");
  }
  return [Number(height), Number(width)];
}

/** Decimal notation only: Number() would also take "" as 0, and "0x10". */
export const numberIn = (text: string): number =>
  /^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
