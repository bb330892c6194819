import { type Mixtures, type TransformFamily, type ViewSource, fillMixtures } from "../augment/index.ts";
import type { Method } from "../align/index.ts";
import { type ImageReader, random, sizeOf } from "../tensor/index.ts";

/** The images of a step, laid out as its method wants them. */
export interface BatchSource {
  /** As {@link viewsPerSample} says. */
  readonly viewsPerSample: number;
  /** Writes the images of the samples at `indices` for step `step` to `out`, [viewsPerSample·B, C, H, W]. */
  fill(indices: Uint32Array, step: number, out: Float32Array): Promise<void>;
  /** Says which samples come next, so that they can be read while a step runs. */
  readAhead?(indices: Uint32Array): void;
}

/** Images per sample that a method is fed: 1, 2 (clean, drawn), 3 (clean, two mixtures), or the size of the family. */
export const viewsPerSample = ({ views }: Method, { members }: TransformFamily): number =>
  ({ none: 1, random: 2, mixes: 1 + MIXTURES, "worst-case": members.length })[views];

/** Mixtures of an image in a step of method "augmix". */
const MIXTURES = 2;

/** Clean images and two mixtures of each; drawn by the seed, the step and the sample alone. */
export const mixtureSource = (images: ImageReader, mixtures: Mixtures, seed: number): BatchSource => ({
  viewsPerSample: 1 + MIXTURES,
  readAhead: images.readAhead && ((indices) => images.readAhead!(indices)),
  fill: (indices, step, out) =>
    fillMixtures(images, mixtures, { indices, step, seed, copies: MIXTURES }, out),
});

/** The images of every method of members of a family, from one source of views; drawn views depend on the seed and the step alone. */
export function batchSource(views: ViewSource, method: Method, seed: number): BatchSource {
  const members = views.family.members.length;
  const imageSize = sizeOf(views.imageShape);
  const perSample = viewsPerSample(method, views.family);
  const readAhead = views.readAhead && ((indices: Uint32Array) => views.readAhead!(indices));
  switch (method.views) {
    case "none":
      return { viewsPerSample: perSample, readAhead, fill: fillClean };
    case "random":
      return {
        viewsPerSample: perSample,
        readAhead,
        async fill(indices, step, out) {
          const half = indices.length * imageSize;
          const rng = random(seed, "views", step);
          await fillClean(indices, step, out.subarray(0, half));
          const drawn = Uint32Array.from(indices, () => 1 + rng.integer(members - 1));
          await views.fillMembers(indices, drawn, out.subarray(half), step);
        },
      };
    case "mixes":
      throw new Error("internal: mixtures are made by mixtureSource.");
    case "worst-case":
      return {
        viewsPerSample: perSample,
        readAhead,
        fill: (indices, step, out) => views.fill(indices, out, step),
      };
  }

  function fillClean(indices: Uint32Array, step: number, out: Float32Array): Promise<void> {
    return views.fillMembers(indices, new Uint8Array(indices.length), out, step);
  }
}
