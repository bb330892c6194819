import { isImageShape, isRecord, refuse } from "../../options/index.ts";
import {
  type ImageReader,
  ShapeError,
  UsageError,
  pickImages,
  random,
  readBatch,
  sizeOf,
} from "../../tensor/index.ts";
import { viewOf } from "../view-of.ts";
import type { ViewSource } from "../views.ts";
import { drawnPoint } from "./points.ts";
import type { RangedFamily } from "./ranged-family.ts";

/**
 * Views drawn from the ranges of a family anew in each step: member k of a sample is the identity for k = 0, else its k-th draw.
 * Seed, step, sample and k decide a draw, and nothing else does: any order of a batch and a resumed run give the same bits.
 */
export function drawnViews(source: ImageReader, family: RangedFamily, seed: number): ViewSource {
  if (!isRecord(source) || typeof source.read !== "function" || !isImageShape(source.shape)) {
    refuse("drawnViews", "source", source, "a source of images", "Give a data set, or { shape, read }.");
  }
  const { ranges } = family;
  const views = ranges.draws + 1;
  const imageShape = source.shape;
  const imageSize = sizeOf(imageShape);
  let scratch = new Float32Array(0);
  const drawOf = (step: number, index: number, k: number) =>
    ranges.at(drawnPoint(ranges, random(seed, "range draws", step, index, k)));

  return {
    family,
    imageShape,
    async fill(indices, out, step = 0) {
      checkLength(out, views * indices.length * imageSize);
      const block = indices.length * imageSize;
      const clean = await readBatch(source, indices, out.subarray(0, block), step);
      for (let i = 0; i < indices.length; i++) {
        const image = pickImages(clean, [i]);
        for (let k = 1; k < views; k++) {
          const start = k * block + i * imageSize;
          viewOf(drawOf(step, indices[i], k), image, out.subarray(start, start + imageSize));
        }
      }
    },
    async fillMembers(indices, memberPerSample, out, step = 0) {
      checkLength(out, indices.length * imageSize);
      if (scratch.length < out.length) scratch = new Float32Array(out.length);
      const clean = await readBatch(source, indices, scratch.subarray(0, out.length), step);
      for (let i = 0; i < indices.length; i++) {
        const k = memberPerSample[i];
        if (!(k >= 0 && k < views)) {
          throw new UsageError(
            `There is no draw ${k} of "${family.name}". Use 0 (identity) to ${views - 1}.`,
          );
        }
        const image = pickImages(clean, [i]);
        const view = out.subarray(i * imageSize, (i + 1) * imageSize);
        if (k === 0) view.set(image.data);
        else viewOf(drawOf(step, indices[i], k), image, view);
      }
    },
    ...(source.readAhead && { readAhead: (indices: ArrayLike<number>) => source.readAhead!(indices) }),
  };
}

function checkLength(out: Float32Array, needed: number): void {
  if (out.length === needed) return;
  throw new ShapeError(
    `The output has ${out.length} values; the views need ${needed}. Pass an array, or a subarray, of exactly that length.`,
  );
}
