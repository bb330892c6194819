import { shown } from "../options/index.ts";
import { type Random, UsageError, random } from "../tensor/index.ts";
import { imageHash } from "./image-hash.ts";

/**
 * Random numbers that belong to an image: the stream is named by the seed, the transform's name and a hash of the
 * image's own pixels, [C, H, W] float32. So a random transform is a function of the image alone: any batching,
 * any order and any epoch give the same bits, and a repeated image gets the same numbers. Two different images
 * share a stream with a chance of 2⁻³². The pixels are read at the first draw: they stay as they are until then.
 *
 * @throws UsageError when the seed is not an integer
 */
export function imageStreams(seed: number, transform: string): (pixels: Float32Array) => Random {
  const key = imageKey(seed, transform);
  return (pixels) => drawnLater(() => random(imageHash(pixels, key)));
}

/** 32 bits that a seed and a transform's name give. @throws UsageError when the seed is not an integer */
export function imageKey(seed: number, transform: string): number {
  if (!Number.isSafeInteger(seed)) {
    throw new UsageError(`The seed of "${transform}" is ${shown(seed)}. Give an integer.`);
  }
  return random(seed, transform).integer(2 ** 32);
}

/** A stream that is made with its first number: hashing an image takes as long as many a transform, and few of them draw. */
function drawnLater(make: () => Random): Random {
  let made: Random | undefined;
  const stream = () => (made ??= make());
  return {
    uniform: () => stream().uniform(),
    uniforms: (out) => stream().uniforms(out),
    normals: (out, sigma) => stream().normals(out, sigma),
    integer: (below) => stream().integer(below),
    normal: () => stream().normal(),
    permutation: (length) => stream().permutation(length),
  };
}
