export { type FoundPictures, findPictures } from "./find-pictures.ts";
export { openPictures } from "./open-pictures.ts";
export type { OpenedPictures } from "./opened-by.ts";
export { pictureBatch } from "./picture-batch.ts";
export { type Picture, checkPicture, pictureName } from "./picture.ts";
export { type PixelPicture, checkPixels, isPixels, pixelsFitted, planarFitted } from "./pixels.ts";
export { UnreadableError } from "./unreadable-error.ts";
