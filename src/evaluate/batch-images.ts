import { type Shape, sizeOf } from "../tensor/shape.ts";

/** Of small images. */
const most = 50;
/**
 * Bytes of a batch as float32. What a network makes of it is some ten to twenty times as large, and leaves the processor's caches
 * where a batch has more: five times as many images take as long for each, or longer (docs/performance.md).
 */
const bytes = 8 * 2 ** 20;

/** Images that are predicted at a time where nobody says how many: 50, or as many as make 8 MiB. */
export const batchImages = (image: Shape): number =>
  Math.min(most, Math.max(1, Math.floor(bytes / (4 * sizeOf(image)))));
