export { type ArrayOf, type DType, arrayConstructors, isFloat, zeros } from "./dtype.ts";
export { AlignregError, ShapeError, UsageError } from "./errors.ts";
export { type ImageBatch, frameOf } from "./image-batch.ts";
export { type ImageReader } from "./image-reader.ts";
export { copyMiddle, joinImages, middleReader, pickImages, readBatch } from "./middle.ts";
export { Notes, type OnNote } from "./notes.ts";
export { ownArray } from "./own-array.ts";
export {
  type Exif,
  type Interpolation,
  type PictureRule,
  type Resize,
  type StatedPictures,
  type TakenImages,
  exifs,
  interpolations,
  isPictureRule,
  isStatedPictures,
  resizes,
} from "./picture-rule.ts";
export { type Random, random } from "./random.ts";
export { type Shape, broadcastShapes, normalizeAxis, shapesEqual, sizeOf, stridesOf } from "./shape.ts";
export { type Tensor, type TensorOf, float32, int64, numbersOf, tensor } from "./tensor.ts";
export { halfToNumber, narrowed, numberToHalf, widened } from "./half.ts";
export { type WasmMemory, wasmExports } from "./wasm.ts";
