import type { ImageBatch } from "../../tensor/image-batch.ts";
import { copyMiddle } from "../../tensor/middle.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { type DecodeSettings, decodedShapeOf, imageShapeOf } from "../decode-settings.ts";
import { writeUnit } from "../gather.ts";

/**
 * Decoded pictures as a model takes them, with what lies around each where transforms are to see that.
 *
 * @param decoded  of each, bytes of `decodedShapeOf(settings)`
 */
export function pictureBatch(decoded: readonly Uint8Array[], settings: DecodeSettings): ImageBatch {
  const [own, whole] = [imageShapeOf(settings), decodedShapeOf(settings)];
  const size = sizeOf(whole);
  const data = new Float32Array(decoded.length * size);
  decoded.forEach((bytes, i) => writeUnit(bytes, data, i * size));
  const surround = { data, shape: [decoded.length, ...whole] as const };
  if (size === sizeOf(own)) return surround;
  const middle = new Float32Array(decoded.length * sizeOf(own));
  copyMiddle(data, whole, own, middle);
  return { data: middle, shape: [decoded.length, ...own], surround };
}
