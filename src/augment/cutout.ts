import type { OptionTable } from "../options/index.ts";
import { UsageError, frameOf, sizeOf } from "../tensor/index.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { imageStreams } from "./image-stream.ts";
import { outputFor } from "./output.ts";
import { familySeed, memberValues } from "./member-options.ts";

export interface CutoutOptions {
  /** Sides of the members' squares, as shares of the shorter image side, each in (0, 1]. */
  readonly shares?: readonly number[];
  /** Another seed cuts other places; default 0. */
  readonly seed?: number;
}

/** The rows of {@link CutoutOptions}. */
export const cutoutOptions = {
  shares: memberValues({
    description: "sides of the square as shares of the shorter image side, above 0, at most 1",
    default: [0.2, 0.3, 0.4],
  }),
  seed: familySeed,
} satisfies OptionTable<CutoutOptions>;

/**
 * A square of zeros, the same in every channel (DeVries & Taylor 2017, arXiv 1708.04552). Its centre is any pixel
 * of the image with equal chance, so a square near the border is cut off by it, as the paper recommends. Where it
 * lies follows from the seed, the member and the image's own pixels: see `imageStreams`.
 *
 * The paper cuts normalised images, where zero is the mean colour; zero here is black. On a black background a
 * square may change nothing.
 */
export const cutout: FamilyMaker<CutoutOptions> = defineFamily({
  name: "cutout",
  unit: "side of the square, as a share of the shorter image side",
  options: cutoutOptions,
  members: ({ shares, seed }) => shares.map((share) => cutoutOf(share, seed)),
  mayChangeMeaning: ({ parameters: { share } }) => (share >= 0.7 ? ["the object itself"] : []),
});

function cutoutOf(share: number, seed: number): Transform {
  if (!(share > 0 && share <= 1)) {
    throw new UsageError(
      `Cannot cut out a square of side ${share}. Give a share of the shorter image side: above 0, at most 1.`,
    );
  }
  const name = `cutout ${share}`;
  const streamOf = imageStreams(seed, name);
  return {
    name,
    parameters: { share, seed },
    apply(images, out) {
      const cut = outputFor(images, out);
      const [, channels, height, width] = images.shape;
      const frame = frameOf(images);
      cut.set(images.data);
      const side = Math.max(1, Math.round(share * Math.min(frame.height, frame.width)));
      const imageSize = sizeOf(images.shape.slice(1));
      for (let start = 0; start < cut.length; start += imageSize) {
        const rng = streamOf(images.data.subarray(start, start + imageSize));
        const top = frame.top + rng.integer(frame.height) - Math.floor(side / 2);
        const left = frame.left + rng.integer(frame.width) - Math.floor(side / 2);
        for (let row = 0; row < channels * height; row++) {
          const y = row % height;
          if (y < top || y >= top + side) continue;
          const rowStart = start + row * width;
          cut.fill(0, rowStart + Math.max(0, left), rowStart + Math.min(width, left + side));
        }
      }
      return cut;
    },
  };
}
