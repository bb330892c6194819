import { describe, expect, test } from "vitest";
import { methods } from "../align/index.ts";
import {
  type TransformFamily,
  type ViewSource,
  cropFlipImages,
  family,
  lazyViews,
} from "../augment/index.ts";
import { batchSource } from "./batch-source.ts";

/** Images of two equal pixels: sample i under member m holds 1000·m + i. */
const adding = (m: number) => ({
  name: `plus ${1000 * m}`,
  parameters: { m },
  apply: ({ data }: { data: Float32Array }, out = new Float32Array(data.length)) => {
    out.set(data.map((v) => v + 1000 * m));
    return out;
  },
});

const familyOf = (transforms: number): TransformFamily =>
  family(
    "adding",
    "",
    Array.from({ length: transforms }, (_, i) => adding(i + 1)),
  );

const viewsOf = (members: TransformFamily): ViewSource =>
  lazyViews(
    {
      shape: [1, 1, 2],
      read: (indices, out) => Promise.resolve(out.set(Array.from(indices).flatMap((i) => [i, i]))),
    },
    members,
  );

const indices = Uint32Array.of(7, 3, 900, 4);

/** What a batch holds: for each image its sample and member. */
async function filled(source: ReturnType<typeof batchSource>, step: number, of = indices) {
  const out = new Float32Array(source.viewsPerSample * of.length * 2).fill(NaN);
  await source.fill(of, step, out);
  return Array.from({ length: out.length / 2 }, (_, i) => {
    expect(out[2 * i]).toBe(out[2 * i + 1]);
    return { sample: out[2 * i] % 1000, member: Math.floor(out[2 * i] / 1000) };
  });
}

const clean = [...indices].map((sample) => ({ sample, member: 0 }));

test('"none" feeds the clean images', async () => {
  const source = batchSource(viewsOf(familyOf(2)), methods.base, 1);
  expect(source.viewsPerSample).toBe(1);
  expect(await filled(source, 5)).toEqual(clean);
});

test('"worst-case" feeds every member of the family, the clean images first', async () => {
  const source = batchSource(viewsOf(familyOf(2)), methods.rwa, 1);
  expect(source.viewsPerSample).toBe(3);
  const all = [0, 1, 2].flatMap((member) => clean.map(({ sample }) => ({ sample, member })));
  expect(await filled(source, 5)).toEqual(all);
});

describe('"random"', () => {
  const source = batchSource(viewsOf(familyOf(3)), methods.rva, 1);

  test("feeds the clean images, then a view of the same samples", async () => {
    expect(source.viewsPerSample).toBe(2);
    const images = await filled(source, 0);
    expect(images.slice(0, 4)).toEqual(clean);
    expect(images.slice(4).map((i) => i.sample)).toEqual([...indices]);
  });

  test("draws each transform about equally often, never the identity, per sample", async () => {
    const counts = [0, 0, 0, 0];
    let mixed = 0;
    for (let step = 0; step < 300; step++) {
      const drawn = (await filled(source, step)).slice(4);
      for (const { member } of drawn) counts[member]++;
      if (new Set(drawn.map((d) => d.member)).size > 1) mixed++;
    }
    expect(counts[0]).toBe(0);
    // 1,200 draws, 400 each: a standard deviation is 16
    for (const count of counts.slice(1)) expect(Math.abs(count - 400)).toBeLessThan(80);
    expect(mixed).toBeGreaterThan(200);
  });

  test("depends on the seed and the step alone", async () => {
    const again = batchSource(viewsOf(familyOf(3)), methods.va, 1);
    const other = batchSource(viewsOf(familyOf(3)), methods.va, 2);
    const many = Uint32Array.from({ length: 40 }, (_, i) => i);
    expect(await filled(again, 9, many)).toEqual(await filled(source, 9, many));
    expect(await filled(source, 9, many)).toEqual(await filled(source, 9, many));
    expect(await filled(source, 10, many)).not.toEqual(await filled(source, 9, many));
    expect(await filled(other, 9, many)).not.toEqual(await filled(source, 9, many));
  });

  test("draws from a family of any size", async () => {
    const large = batchSource(viewsOf(familyOf(600)), methods.va, 1);
    const many = Uint32Array.from({ length: 900 }, (_, i) => i);
    const drawn = (await filled(large, 0, many)).slice(900).map((d) => d.member);
    expect(Math.min(...drawn)).toBeGreaterThan(0);
    expect(Math.max(...drawn)).toBeGreaterThan(500);
  });
});

describe("crops and mirror images", () => {
  const side = 6;
  const pictures = cropFlipImages(
    {
      shape: [1, side, side],
      // No two pixels of a picture are alike, and none is 0.
      read: (all, out) =>
        Promise.resolve(
          out.set(
            Array.from(all).flatMap((i) => Array.from({ length: side ** 2 }, (_, p) => i + (p + 1) / 64)),
          ),
        ),
    },
    { crop: 2, flip: true },
    1,
  );

  /** The images of a step, one a row of the list. */
  async function imagesOf(method: keyof typeof methods, step: number) {
    const source = batchSource(lazyViews(pictures, familyOf(2)), methods[method], 1);
    const out = new Float32Array(source.viewsPerSample * indices.length * side ** 2).fill(NaN);
    await source.fill(indices, step, out);
    return Array.from({ length: source.viewsPerSample * indices.length }, (_, i) =>
      Array.from(out.subarray(i * side ** 2, (i + 1) * side ** 2)),
    );
  }

  test.each(["va", "rwa"] as const)("all views of a sample are made of one: %s", async (method) => {
    const images = await imagesOf(method, 3);
    const clean = images.slice(0, indices.length);
    images.forEach((image, i) => {
      const source = clean[i % indices.length];
      const member = Math.round((image[0] - source[0]) / 1000);
      expect(member > 0).toBe(i >= indices.length);
      expect(image).toEqual(source.map((value) => Math.fround(value + 1000 * member)));
    });
  });

  test("every method has the same clean images in a step, and others in the next", async () => {
    const clean = async (method: keyof typeof methods, step: number) =>
      (await imagesOf(method, step)).slice(0, indices.length);
    expect(await clean("va", 3)).toEqual(await clean("base", 3));
    expect(await clean("rwa", 3)).toEqual(await clean("base", 3));
    expect(await clean("base", 4)).not.toEqual(await clean("base", 3));
  });
});
