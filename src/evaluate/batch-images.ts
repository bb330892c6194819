import { type Shape, sizeOf } from "../tensor/shape.ts";

/** Of small images. */
const most = 500;
/** Bytes of a batch as float32: what a network makes of it is some ten to twenty times as large. */
const bytes = 32 * 2 ** 20;

/** Images that are predicted at a time where nobody says how many: 500, or as many as make 32 MiB. */
export const batchImages = (image: Shape): number =>
  Math.min(most, Math.max(1, Math.floor(bytes / (4 * sizeOf(image)))));
