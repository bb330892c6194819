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
      if (fill === "zero") shift(images, ...pixels, shifted);
      else shiftFilled(images, ...pixels, fill, shifted);
      return shifted;
    },
  }));
}

const wholePixels = (share: number, length: number): number => Math.max(1, Math.round(share * length));

/** Every plane moved by `right` and `down` pixels; zero elsewhere. */
function shift({ data, shape }: ImageBatch, right: number, down: number, out: Float32Array): void {
  const [n, channels, height, width] = shape;
  const firstColumn = Math.max(0, -right);
  const columns = width - Math.abs(right);
  out.fill(0);
  if (columns <= 0) return;
  for (let plane = 0; plane < n * channels; plane++) {
    for (let row = Math.max(0, -down); row < Math.min(height, height - down); row++) {
      const start = (plane * height + row) * width + firstColumn;
      out.set(data.subarray(start, start + columns), start + down * width + right);
    }
  }
}

/** Every plane moved by `right` and `down` pixels; its outermost pixels, or it mirrored, where it has left the frame. */
function shiftFilled(
  { data, shape }: ImageBatch,
  right: number,
  down: number,
  fill: Fill,
  out: Float32Array,
): void {
  const [n, channels, height, width] = shape;
  const columns = Int32Array.from({ length: width }, (_, x) => placeIn(x - right, width, fill));
  for (let plane = 0, to = 0; plane < n * channels; plane++) {
    for (let y = 0; y < height; y++) {
      const row = (plane * height + placeIn(y - down, height, fill)) * width;
      for (let x = 0; x < width; x++) out[to++] = data[row + columns[x]];
    }
  }
}
