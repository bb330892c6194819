import type { OptionTable } from "../options/index.ts";
import { type ImageBatch, UsageError } from "../tensor/index.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { outputFor } from "./output.ts";
import { fillOption, filled, memberValues } from "./member-options.ts";
import { type Fill, placeIn } from "./reflected.ts";

export interface TranslateOptions {
  /** How far, as shares of the width (right, left) or height (down, up), each in (0, 1); four members each. */
  readonly shares?: readonly number[];
  /** What lies outside the frame: "zero" (default, black), "edge", the outermost pixels, or "reflect", the image mirrored at its edge. */
  readonly fill?: Fill;
}

/** The row of {@link TranslateOptions} with its default here. */
export const translateOptions = {
  shares: memberValues({
    description: "shares of width and height, between 0 and 1; four members each",
    default: [0.1],
  }),
  fill: fillOption,
} satisfies OptionTable<TranslateOptions>;

/**
 * Shifts right, left, down and up, zero where the image has left the frame. A shift is a whole number of pixels,
 * the share's rounded and at least one, so that pixels are moved and never blurred. Equal to torchvision's
 * `functional.affine` with that translation; its RandomAffine rounds shares to pixels too.
 */
export const translate: FamilyMaker<TranslateOptions> = defineFamily({
  name: "translate",
  unit: "share of width or height",
  options: translateOptions,
  members: ({ shares, fill }) => shares.flatMap((value) => translationsBy(value, fill)),
  mayChangeMeaning: ({ parameters: { right, down } }) =>
    Math.max(Math.abs(right), Math.abs(down)) >= 0.5 ? ["the object itself"] : [],
});

/** The signs of a share in each direction; y points down. */
const directions = [
  { name: "right", right: 1, down: 0 },
  { name: "left", right: -1, down: 0 },
  { name: "down", right: 0, down: 1 },
  { name: "up", right: 0, down: -1 },
];

function translationsBy(share: number, fill: Fill): Transform[] {
  if (!(share > 0 && share < 1)) {
    throw new UsageError(
      `Cannot translate by ${share} of the image. Give a share between 0 and 1, both excluded: ` +
        `it makes four members, right, left, down and up.`,
    );
  }
  return directions.map(({ name, right, down }) => ({
    name: `translate ${name} ${share}${filled(fill).suffix}`,
    parameters: { right: right * share, down: down * share, ...filled(fill).parameters },
    apply(images, out) {
      const shifted = outputFor(images, out);
      const [, , height, width] = images.shape;
      const pixels = [right * wholePixels(share, width), down * wholePixels(share, height)] as const;
      shift(images, ...pixels, fill, shifted);
      return shifted;
    },
  }));
}

const wholePixels = (share: number, length: number): number => Math.max(1, Math.round(share * length));

/**
 * Every plane moved by `right` and `down` pixels; black, its outermost pixels, or it mirrored, where it has left the frame. All that lies
 * one behind the other in memory is moved at once; what crosses the edge of a row or plane on that way is behind the frame, and
 * written over.
 */
function shift(
  { data, shape }: ImageBatch,
  right: number,
  down: number,
  fill: Fill,
  out: Float32Array,
): void {
  const [n, channels, height, width] = shape;
  const area = height * width;
  const by = down * width + right;
  if (Math.abs(by) < out.length) {
    if (by >= 0) out.set(data.subarray(0, data.length - by), by);
    else out.set(data.subarray(-by));
  }
  const columns = Int32Array.from({ length: width }, (_, x) => placeIn(x - right, width, fill));
  const rows = Int32Array.from({ length: height }, (_, y) => placeIn(y - down, height, fill));
  // From here on, or up to here, columns come from outside.
  const [first, end] = right > 0 ? [0, Math.min(right, width)] : [Math.max(0, width + right), width];
  for (let start = 0; start < n * channels * area; start += area) {
    for (let y = 0; y < height; y++) {
      const isInside = y >= down && y < height + down;
      const to = start + y * width;
      const from = start + rows[y] * width;
      for (let x = isInside ? first : 0; x < (isInside ? end : width); x++)
        out[to + x] = rows[y] < 0 || columns[x] < 0 ? 0 : data[from + columns[x]];
    }
  }
}
