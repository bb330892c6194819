import { type ImageBatch, type ImageReader, copyMiddle, sizeOf } from "../../tensor/index.ts";
import type { Transform } from "../family.ts";
import type { ByteImage } from "./byte-image.ts";
import type { Mixture } from "./mixture.ts";
import { type MixOperation, type MixOperationName, mixOperations } from "./operations.ts";

/** An operation of a chain: one of AugMix's on bytes, or a member of a family. */
export type ChainOperation = MixOperationName | Transform;

type ImageShape = ImageReader["shape"];

/**
 * The mixture of an image: (1 − m)·x + m·Σ w_i·chain_i(x).
 *
 * AugMix's operations take the image in bytes, pixels · 255 rounded, and give bytes; members of families take it as it
 * is. With what lies around an image, chains go over all of it, and the middle is mixed.
 *
 * @param images  a batch of one image, [1, C, H, W] in [0, 1]
 * @param out     written: C·H·W values, which do not overlap the image
 */
export function mixed(images: ImageBatch, mixture: Mixture<ChainOperation>, out: Float32Array): void {
  const { share, weights, chains } = mixture;
  const image: ImageShape = [images.shape[1], images.shape[2], images.shape[3]];
  const { data: clean, shape } = images;
  for (let i = 0; i < out.length; i++) out[i] = (1 - share) * clean[i];
  const whole = images.surround ?? { data: clean, shape };
  const wholeShape: ImageShape = [whole.shape[1], whole.shape[2], whole.shape[3]];
  const view = new Float32Array(sizeOf(image));
  for (const [i, chain] of chains.entries()) {
    let data = whole.data;
    let bytes: ByteImage | null = null;
    for (const link of chain) {
      if (typeof link.operation === "string") {
        bytes ??= toBytes(data, wholeShape, image);
        const operation: MixOperation = mixOperations[link.operation];
        bytes = operation(bytes, link);
      } else {
        if (bytes) data = toFloats(bytes);
        bytes = null;
        data = link.operation.apply({ data, shape: whole.shape });
      }
    }
    if (bytes) data = toFloats(bytes);
    copyMiddle(data, wholeShape, image, view);
    const weight = share * weights[i];
    for (let p = 0; p < out.length; p++) out[p] += weight * view[p];
  }
}

function toBytes(data: Float32Array, shape: ImageShape, [, height, width]: ImageShape): ByteImage {
  const margin = { top: (shape[1] - height) / 2, left: (shape[2] - width) / 2 };
  // Clamped and rounded by the array's own rule.
  const clamped = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i++) clamped[i] = 255 * data[i];
  return { data: new Uint8Array(clamped.buffer), shape, margin };
}

const floatOf = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

function toFloats({ data }: ByteImage): Float32Array {
  const floats = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) floats[i] = floatOf[data[i]];
  return floats;
}
