import { expect, test } from "vitest";
import { random } from "../tensor/index.ts";
import { resample } from "./resample.ts";
import { type Passes, type Taps, plainPasses } from "./resample-passes.ts";
import { simdPasses } from "./resample-simd.ts";

const rng = random(1, "resampling");
const bytes = (length: number) => Uint8Array.from({ length }, () => rng.integer(256));

/** Taps of rising places and random weights, some below 0, that add up to about 1. */
function tapsOf(places: number, before: number): Taps {
  const firsts = new Int32Array(places);
  const starts = new Int32Array(places + 1);
  const weights: number[] = [];
  const count = Math.min(before, 1 + rng.integer(9));
  for (let place = 0; place < places; place++) {
    firsts[place] = Math.min(before - count, Math.floor((place * before) / places));
    for (let tap = 0; tap < count; tap++) {
      weights.push(Math.trunc((2 ** 22 / count) * (1.3 - 0.7 * rng.uniform() - (tap % 4 === 3 ? 1.5 : 0))));
    }
    starts[place + 1] = weights.length;
  }
  return { firsts, starts, weights: Int32Array.from(weights) };
}

test.each([8 * 2 ** 20, 5000, 1])(
  "four numbers at a time give the bytes that one at a time gives, in chunks of %d bytes",
  (chunk) => {
    const fast: Passes = simdPasses(plainPasses, chunk)!;
    for (let round = 0; round < 40; round++) {
      const [width, height, places] = [1 + rng.integer(60), 1 + rng.integer(60), 1 + rng.integer(60)];
      const channels = round % 5 === 0 ? 1 : 3;
      const left = rng.integer(4);
      const taps = tapsOf(places, width);
      const moved = { ...taps, firsts: taps.firsts.map((first) => first + left) };
      const top = rng.integer(height);
      const end = top + 1 + rng.integer(height - top);
      const image = bytes(width * height * channels);
      const along = [image, channels, width, moved, left, [top, end]] as const;
      expect(fast.alongRows(...along)).toEqual(plainPasses.alongRows(...along));
      const down = tapsOf(places, height);
      const across = [bytes(width * height), width, down, 0] as const;
      expect(fast.alongColumns(...across)).toEqual(plainPasses.alongColumns(...across));
      const lower = { ...down, firsts: down.firsts.map((first) => first + 5) };
      expect(fast.alongColumns(across[0], width, lower, 5)).toEqual(plainPasses.alongColumns(...across));
    }
  },
);

test("a picture of one colour keeps it under every kernel, in any size", () => {
  for (const interpolation of ["box", "bilinear", "hamming", "bicubic", "lanczos"] as const) {
    for (const side of [1, 5, 31, 90]) {
      const picture = new Uint8Array(3 * 40 * 37).fill(201);
      const made = resample(
        picture,
        3,
        { height: 37, width: 40 },
        { height: side, width: side + 1 },
        { interpolation },
      );
      expect(new Set(made)).toEqual(new Set([201]));
    }
  }
});
