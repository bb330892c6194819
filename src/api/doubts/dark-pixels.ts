import type { Dataset } from "../../data/index.ts";

/** Pixels that were meant in [0, 1], a sentence; black and white images kept so pass as bytes. */
export function darkPixelDoubts({ name, pixels }: Dataset): string[] {
  if (!pixels.includes(1) || pixels.some((value) => value > 1)) return [];
  return [
    `Every pixel of ${name} is 0 or 1, where white is 255: its images are black. If they are values in [0, 1], multiply them ` +
      `by 255.`,
  ];
}
