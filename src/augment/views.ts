import { isImageShape, isRecord, refuse } from "../options/index.ts";
import {
  type ImageBatch,
  type ImageReader,
  ShapeError,
  UsageError,
  pickImages,
  readBatch,
  sizeOf,
} from "../tensor/index.ts";
import { checkFamily } from "./check-family.ts";
import type { TransformFamily } from "./family.ts";
import { checkImages } from "./output.ts";
import { viewOf } from "./view-of.ts";

type ImageShape = readonly [channels: number, height: number, width: number];

/** Where batches of augmented views come from. Eager and lazy sources of the same images give the same bits. */
export interface ViewSource {
  readonly family: TransformFamily;
  readonly imageShape: ImageShape;
  /**
   * Every member's view of the B samples at `indices`. `out` is [A·B, C, H, W], A = family.members.length: block
   * k holds member k of all B samples, in the order of `indices`; block 0 is the clean images, as the source of
   * images gives them for `step` (default 0). One call at a time.
   */
  fill(indices: ArrayLike<number>, out: Float32Array, step?: number): Promise<void>;
  /** One view of each sample: sample i by member `memberPerSample[i]`. `out` is [B, C, H, W]. */
  fillMembers(
    indices: ArrayLike<number>,
    memberPerSample: ArrayLike<number>,
    out: Float32Array,
    step?: number,
  ): Promise<void>;
  /** Says which samples are asked for next, as {@link ImageReader} does. */
  readAhead?(indices: ArrayLike<number>): void;
}

/**
 * Computes all views of `images` [N, C, H, W] now and keeps them; a fill is then a copy. Holds 4·N·K·C·H·W bytes
 * beside the images themselves, which it keeps without copying: 753 MB for MNIST's 60,000 and K = 4 rotations.
 */
export function eagerViews(images: ImageBatch, family: TransformFamily): ViewSource {
  checkImages("eagerViews", images);
  checkFamily("eagerViews", "family", family);
  const [count, ...imageShape] = images.shape;
  const imageSize = sizeOf(imageShape);
  const views = family.members.map((member, k) => (k === 0 ? images.data : viewOf(member, images)));

  function copyView(member: number, index: number, out: Float32Array, position: number): void {
    if (!(index >= 0 && index < count)) {
      throw new UsageError(`Sample index ${index} is out of range for ${count} samples.`);
    }
    out.set(views[member].subarray(index * imageSize, (index + 1) * imageSize), position * imageSize);
  }

  return {
    family,
    imageShape,
    // eslint-disable-next-line @typescript-eslint/require-await -- nothing to wait for; what is wrong is a rejection
    async fill(indices, out) {
      checkOutput(out, family.members.length * indices.length, imageShape);
      for (let k = 0; k < views.length; k++) {
        for (let i = 0; i < indices.length; i++) copyView(k, indices[i], out, k * indices.length + i);
      }
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- the same
    async fillMembers(indices, memberPerSample, out) {
      checkMembers(memberPerSample, indices.length, family);
      checkOutput(out, indices.length, imageShape);
      for (let i = 0; i < indices.length; i++) copyView(memberPerSample[i], indices[i], out, i);
    },
  };
}

/** Computes views as batches ask for them; holds one batch of clean images. */
export function lazyViews(source: ImageReader, family: TransformFamily): ViewSource {
  if (!isRecord(source) || typeof source.read !== "function" || !isImageShape(source.shape)) {
    refuse("lazyViews", "source", source, "a source of images", "Give a data set, or { shape, read }.");
  }
  checkFamily("lazyViews", "family", family);
  const imageShape = source.shape;
  const imageSize = sizeOf(imageShape);
  let scratch = new Float32Array(0);

  return {
    family,
    imageShape,
    async fill(indices, out, step) {
      checkOutput(out, family.members.length * indices.length, imageShape);
      const blockSize = indices.length * imageSize;
      const clean = await readBatch(source, indices, out.subarray(0, blockSize), step);
      for (let k = 1; k < family.members.length; k++) {
        viewOf(family.members[k], clean, out.subarray(k * blockSize, (k + 1) * blockSize));
      }
    },
    async fillMembers(indices, memberPerSample, out, step) {
      checkMembers(memberPerSample, indices.length, family);
      checkOutput(out, indices.length, imageShape);
      if (scratch.length < out.length) scratch = new Float32Array(out.length);
      const clean = await readBatch(source, indices, scratch.subarray(0, out.length), step);
      for (let i = 0; i < indices.length; i++) {
        const view = out.subarray(i * imageSize, (i + 1) * imageSize);
        viewOf(family.members[memberPerSample[i]], pickImages(clean, [i]), view);
      }
    },
    ...(source.readAhead && { readAhead: (indices: ArrayLike<number>) => source.readAhead!(indices) }),
  };
}

function checkOutput(out: Float32Array, images: number, imageShape: ImageShape): void {
  const size = images * sizeOf(imageShape);
  if (out.length !== size) {
    throw new ShapeError(
      `The output has ${out.length} values; ${images} views of shape [${imageShape}] need ${size}. ` +
        `Pass an array, or a subarray, of exactly that length.`,
    );
  }
}

function checkMembers(memberPerSample: ArrayLike<number>, samples: number, family: TransformFamily): void {
  const members = family.members.length;
  if (memberPerSample.length !== samples) {
    throw new ShapeError(
      `${memberPerSample.length} members were given for ${samples} samples. Give one for each sample.`,
    );
  }
  for (let i = 0; i < samples; i++) {
    if (!(memberPerSample[i] >= 0 && memberPerSample[i] < members)) {
      throw new UsageError(
        `Family "${family.name}" has no member ${memberPerSample[i]}. Use 0 (identity) to ${members - 1}.`,
      );
    }
  }
}
