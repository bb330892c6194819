import type { TransformFamily, ViewSource } from "../augment/index.ts";
import type { Method } from "../align/index.ts";
import { random, sizeOf } from "../tensor/index.ts";

/** The images of a step, laid out as its method wants them. */
export interface BatchSource {
  /** As {@link viewsPerSample} says. */
  readonly viewsPerSample: number;
  /** Writes the images of the samples at `indices` for step `step` to `out`, [viewsPerSample·B, C, H, W]. */
  fill(indices: Uint32Array, step: number, out: Float32Array): Promise<void>;
  /** Says which samples come next, so that they can be read while a step runs. */
  readAhead?(indices: Uint32Array): void;
}

/** Images per sample that a method is fed: 1, 2 (clean, drawn), or the size of the family. */
export const viewsPerSample = ({ views }: Method, { members }: TransformFamily): number =>
  ({ none: 1, random: 2, "worst-case": members.length })[views];

/** Every method's images from one source of views; drawn views depend on the seed and the step alone. */
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
