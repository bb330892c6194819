import { type OptionTable, checkLimit, choice, shown, whole } from "../options/index.ts";
import { type ImageBatch, UsageError, frameOf, sizeOf } from "../tensor/index.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { imageStreams } from "./image-stream.ts";
import { familySeed, memberValues } from "./member-options.ts";
import { outputFor } from "./output.ts";

const shades = ["black", "grey", "white", "mean"] as const;
type Shade = (typeof shades)[number];

export interface OcclusionOptions {
  /** Sides of the square patches as shares of the shorter image side, each above 0 and below 1. */
  readonly shares?: readonly number[];
  /** Places along each axis: `grid`² members a share, from corner to corner (default 3). */
  readonly grid?: number;
  /** Patches at places drawn for each image instead: one member a share (default 0, the grid). */
  readonly patches?: number;
  /** What a patch shows: "black", "grey" (default, 0.5), "white", or "mean", each channel's over the image. */
  readonly shade?: Shade;
  /** Of drawn patches; default 0. */
  readonly seed?: number;
}

/** The rows of {@link OcclusionOptions}. */
export const occlusionOptions = {
  shares: memberValues({
    description: "sides of the patches as shares of the shorter image side, above 0, below 1",
    default: [0.3],
  }),
  grid: whole({ description: "places along each axis, a member for each place", default: 3 }),
  patches: whole({ description: "patches at places drawn for each image; 0 for the grid", default: 0 }, 0),
  shade: choice(shades, {
    description: "what a patch shows; mean is each channel's over the image",
    default: "grey",
  }),
  seed: familySeed,
} satisfies OptionTable<OcclusionOptions>;

/**
 * Something in front of the object: a square patch at each place of a grid (the occlusion maps of Zeiler & Fergus, ECCV 2014), a
 * member for each, so that tests say where a model may not be covered; or patches at drawn places. Patches lie wholly inside the
 * image, unlike `cutout`'s. Where drawn ones lie follows from the seed, the member and the image's own pixels: see `imageStreams`.
 */
export const occlusion: FamilyMaker<OcclusionOptions> = defineFamily({
  name: "occlusion",
  unit: "side of the patch, as a share of the shorter image side",
  options: occlusionOptions,
  members: ({ shares, grid, patches, shade, seed }) => {
    checkUse(patches, grid, seed);
    checkLimit("members", shares.length * grid * grid, "A grid of patches");
    return shares.flatMap((share) => {
      checkShare(share);
      return patches > 0 ? [drawnPatches(share, patches, shade, seed)] : patchesOn(grid, share, shade);
    });
  },
  mayChangeMeaning: ({ parameters: { share, patches = 1 } }) =>
    share * Math.sqrt(patches) >= 0.7 ? ["the object itself"] : [],
  range: { of: "shares", neutral: 0, fixedBy: "patches=1" },
});

/** Options that say nothing are refused: who gives them expects something of them. */
function checkUse(patches: number, grid: number, seed: number): void {
  imageStreams(seed, "occlusion");
  if (patches === 0 && seed !== occlusionOptions.seed.default) {
    throw new UsageError(
      `The places of a grid are not drawn: a seed of ${seed} changes nothing. Give patches of at least 1, or leave it out.`,
    );
  }
  if (patches > 0 && grid !== occlusionOptions.grid.default) {
    throw new UsageError(`Patches that are drawn lie on no grid. Give patches or grid, not both.`);
  }
}

function checkShare(share: number): void {
  if (share > 0 && share < 1) return;
  throw new UsageError(
    `Cannot cover a square of side ${shown(share)}. Give a share of the shorter image side between 0 and 1, both excluded.`,
  );
}

function patchesOn(grid: number, share: number, shade: Shade): Transform[] {
  return Array.from({ length: grid * grid }, (_, place) => {
    const [row, column] = [Math.floor(place / grid), place % grid];
    const along = (index: number) => (grid === 1 ? 0.5 : index / (grid - 1));
    return {
      name: `occlusion ${share} at ${row + 1},${column + 1}${suffixOf(shade)}`,
      parameters: { share, row: row + 1, column: column + 1, grid, shade: shades.indexOf(shade) },
      apply(images, out) {
        const { top, left, height, width } = frameOf(images);
        const side = sideOf(share, height, width);
        const y = top + Math.round(along(row) * (height - side));
        const x = left + Math.round(along(column) * (width - side));
        return covered(images, out, shade, () => [[y, x, side]]);
      },
    };
  });
}

function drawnPatches(share: number, patches: number, shade: Shade, seed: number): Transform {
  const name = `occlusion ${share} ×${patches}${suffixOf(shade)}`;
  const streamOf = imageStreams(seed, name);
  return {
    name,
    parameters: { share, patches, shade: shades.indexOf(shade), seed },
    apply(images, out) {
      const { top, left, height, width } = frameOf(images);
      const side = sideOf(share, height, width);
      return covered(images, out, shade, (image) => {
        const rng = streamOf(image);
        return Array.from({ length: patches }, () => {
          const y = top + rng.integer(height - side + 1);
          return [y, left + rng.integer(width - side + 1), side] as const;
        });
      });
    },
  };
}

const suffixOf = (shade: Shade): string => (shade === "grey" ? "" : ` ${shade}`);

const sideOf = (share: number, height: number, width: number): number =>
  Math.max(1, Math.round(share * Math.min(height, width)));

type Patch = readonly [top: number, left: number, side: number];

/** Copies of images with patches on them, the same in every channel. */
function covered(
  images: ImageBatch,
  out: Float32Array | undefined,
  shade: Shade,
  patchesOf: (image: Float32Array) => readonly Patch[],
): Float32Array {
  const view = outputFor(images, out);
  const [, channels, height, width] = images.shape;
  const area = height * width;
  const length = sizeOf([channels, height, width]);
  view.set(images.data);
  for (let start = 0; start < view.length; start += length) {
    const image = images.data.subarray(start, start + length);
    const patches = patchesOf(image);
    for (let c = 0; c < channels; c++) {
      const plane = start + c * area;
      const value = valueOf(shade, images.data.subarray(plane, plane + area));
      for (const [top, left, side] of patches) {
        for (let y = top; y < Math.min(top + side, height); y++) {
          const row = plane + y * width;
          view.fill(value, row + left, row + Math.min(left + side, width));
        }
      }
    }
  }
  return view;
}

function valueOf(shade: Shade, plane: Float32Array): number {
  if (shade === "mean") return plane.reduce((sum, value) => sum + value, 0) / plane.length;
  return { black: 0, grey: 0.5, white: 1 }[shade];
}
