import { clipped } from "./clipped.ts";

/** torchvision's blend of a pixel and what it is blended with: factor·a + (1 − factor)·b, clamped to [0, 1]. */
export const blend = (a: number, b: number, factor: number): number =>
  clipped(factor * a + (1 - factor) * b, 0, 1);
