import { describe, expect, test } from "vitest";
import { floats, readImageFixture } from "../../test/image-fixture.ts";
import { type ImageBatch, UsageError, sizeOf } from "../tensor/index.ts";
import { texture } from "./texture.ts";

interface Case {
  images: string;
  radius: number;
  filtered: string;
}

const fixture = readImageFixture<Case>("texture.json");

const only = (radius: number) => texture({ radii: [radius] }).members[1];

/** One cosine wave, u cycles down and v across, as an image of H×W. */
const wave = (height: number, width: number, u: number, v: number): ImageBatch => ({
  data: Float32Array.from({ length: height * width }, (_, i) =>
    Math.cos(2 * Math.PI * ((u * Math.floor(i / width)) / height + (v * (i % width)) / width)),
  ),
  shape: [1, 1, height, width],
});

describe("texture agrees with NumPy's FFT", () => {
  test.each(fixture.cases)("$images images, radius $radius", ({ images, radius, filtered }) => {
    // pixels are float32 here and float64 there; sums are float64 in both
    expect(only(radius).apply(fixture.images[images])).toBeAllClose(floats(filtered), { atol: 5e-7 });
  });

  test("the fixture covers the study's radii at 28×28 and images of every kind", () => {
    expect(fixture.cases.filter((c) => c.images === "mnist").map((c) => c.radius)).toEqual([12, 10, 8, 6]);
    expect(Object.keys(fixture.images)).toHaveLength(8);
  });
});

describe("texture", () => {
  test("keeps waves up to the radius, the radius itself included, and takes out the rest", () => {
    const kept = wave(28, 28, 6, 8);
    expect(only(10).apply(kept)).toBeAllClose(kept.data, { atol: 1e-6 });
    expect(only(10).apply(wave(28, 28, 6, 9))).toBeAllClose(new Float32Array(784), { atol: 1e-6 });
    expect(only(10).apply(wave(28, 28, -9, 6))).toBeAllClose(new Float32Array(784), { atol: 1e-6 });
  });

  test("scales the radius with the shorter side", () => {
    const kept = wave(84, 56, 0, 20);
    expect(only(10).apply(kept)).toBeAllClose(kept.data, { atol: 1e-6 });
    expect(only(10).apply(wave(84, 56, 0, 21))).toBeAllClose(new Float32Array(84 * 56), { atol: 1e-6 });
  });

  test("keeps the mean of each channel", () => {
    const images = fixture.images.colour;
    const filtered = only(6).apply(images);
    for (let start = 0; start < images.data.length; start += 1024) {
      const mean = (data: Float32Array) => data.subarray(start, start + 1024).reduce((a, b) => a + b) / 1024;
      expect(mean(filtered)).toBeCloseTo(mean(images.data), 5);
    }
  });

  test("rings beyond [0, 1] at sharp edges and is not clamped", () => {
    expect(Math.min(...only(6).apply(fixture.images.mnist))).toBeLessThan(-0.01);
  });

  test("gives each image the same bits in any batch", () => {
    const images = fixture.images.tall;
    const imageSize = sizeOf(images.shape) / 2;
    const second: ImageBatch = { data: images.data.subarray(imageSize), shape: [1, 3, 11, 6] };
    expect(only(12).apply(second)).toEqual(only(12).apply(images).subarray(imageSize));
  });

  test("serves several image sizes from one member, and overwrites whatever the output array held", () => {
    const member = only(12);
    const before = member.apply(fixture.images.wide);
    member.apply(fixture.images.tall);
    const out = new Float32Array(before.length).fill(7);
    expect(member.apply(fixture.images.wide, out)).toBe(out);
    expect(out).toEqual(before);
  });

  test("names its members by radius, identity first", () => {
    expect(texture().members.map((member) => member.name)).toEqual([
      "identity",
      "texture r 12",
      "texture r 10",
      "texture r 8",
      "texture r 6",
    ]);
    expect(only(7.5).parameters).toEqual({ radius: 7.5 });
  });

  test.each([0, -6, 19.8, 30, NaN, Infinity])("rejects radius %s", (radius) => {
    expect(() => texture({ radii: [radius] })).toThrow(UsageError);
  });
});
