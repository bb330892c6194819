import { beforeAll, describe, expect, test } from "vitest";
import { type ImageReader, UsageError, random } from "../tensor/index.ts";
import { cropFlipImages } from "./crop-flip.ts";

const [count, channels, height, width] = [5, 2, 4, 6];
const imageSize = channels * height * width;
const rng = random(3, "images");
const pixels = Float32Array.from({ length: count * imageSize }, () => 0.1 + rng.uniform());
const source: ImageReader = {
  shape: [channels, height, width],
  read(indices, out) {
    Array.from(indices).forEach((index, i) =>
      out.set(pixels.subarray(index * imageSize, (index + 1) * imageSize), i * imageSize),
    );
    return Promise.resolve();
  },
};

interface Draw {
  readonly top: number;
  readonly left: number;
  readonly isMirrored: boolean;
}

/**
 * What torchvision's `functional.pad(image, crop)`, `crop(…, top, left, H, W)` and `hflip` make of a sample, a pixel at a
 * time: coordinates of the padded image run from −crop.
 */
function expected(index: number, crop: number, { top, left, isMirrored }: Draw): number[] {
  return Array.from({ length: imageSize }, (_, at) => {
    const [c, row, column] = [Math.floor(at / height / width), Math.floor(at / width) % height, at % width];
    const x = (isMirrored ? width - 1 - column : column) + left - crop;
    const y = row + top - crop;
    const isInside = x >= 0 && x < width && y >= 0 && y < height;
    return isInside ? pixels[((index * channels + c) * height + y) * width + x] : 0;
  });
}

function drawsOf(crop: number, flip: boolean): Draw[] {
  const offsets = Array.from({ length: 2 * crop + 1 }, (_, i) => i);
  return offsets.flatMap((top) =>
    offsets.flatMap((left) =>
      [false, ...(flip ? [true] : [])].map((isMirrored) => ({ top, left, isMirrored })),
    ),
  );
}

async function imagesOf(
  options: { crop: number; flip: boolean },
  step: number,
  seed = 0,
  indices = [0, 1, 2, 3, 4],
) {
  const out = new Float32Array(indices.length * imageSize).fill(NaN);
  await cropFlipImages(source, options, seed).read(indices, out, step);
  return indices.map((_, i) => Array.from(out.subarray(i * imageSize, (i + 1) * imageSize)));
}

describe.each([
  { crop: 1, flip: false },
  { crop: 2, flip: true },
  { crop: 3, flip: true },
  { crop: 0, flip: true },
])("crop $crop, flip $flip", (options) => {
  const draws = drawsOf(options.crop, options.flip);
  const steps = 400;
  const counts = draws.map(() => 0);
  beforeAll(async () => {
    for (let step = 0; step < steps; step++) {
      (await imagesOf(options, step)).forEach((image, index) => {
        const which = draws.findIndex((draw) =>
          expected(index, options.crop, draw).every((v, i) => v === image[i]),
        );
        counts[which === -1 ? NaN : which]++;
      });
    }
  });

  test("every image is a window of the padded one, mirrored or not, bit for bit", () => {
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(steps * count);
  });

  test("every window, and both ways round, are as likely", () => {
    const mean = (steps * count) / draws.length;
    for (const n of counts) expect(Math.abs(n - mean)).toBeLessThan(5 * Math.sqrt(mean));
  });
});

test("neither leaves the images alone", async () => {
  expect(await imagesOf({ crop: 0, flip: false }, 7)).toEqual(
    [0, 1, 2, 3, 4].map((index) => Array.from(pixels.subarray(index * imageSize, (index + 1) * imageSize))),
  );
});

test("seed, step and place in the batch decide, and nothing else", async () => {
  const both = { crop: 3, flip: true };
  const images = await imagesOf(both, 6);
  expect(await imagesOf(both, 6)).toEqual(images);
  expect(await imagesOf(both, 7)).not.toEqual(images);
  expect(await imagesOf(both, 6, 1)).not.toEqual(images);
  const [first, second] = await imagesOf(both, 6, 0, [2, 2]);
  expect(first).not.toEqual(second);
});

test("a crop that could leave nothing of an image is refused", () => {
  for (const crop of [4, -1, 1.5, NaN]) {
    expect(() => cropFlipImages(source, { crop, flip: false }, 0)).toThrow(UsageError);
    expect(() => cropFlipImages(source, { crop, flip: false }, 0)).toThrow(
      `A crop of ${crop} pixels does not suit images of 4×6. Give a whole number from 0 to 3`,
    );
  }
});
