/** Pictures of which transforms see more than the crop leaves. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { random, readBatch } from "../tensor/index.ts";
import { arranged, surroundingSize } from "./arrange.ts";
import { imageSketch } from "./image-sketch.ts";
import { type LoadOptions, loadData, openData } from "./load.ts";
import { sample } from "./sample.ts";
import { splitSource } from "./split-source.ts";

const photos = mkdtempSync(join(tmpdir(), "alignreg-before-crop-"));
afterAll(() => rmSync(photos, { recursive: true }));
afterEach(() => delete process.env.ALIGNREG_MAX_HELD_BYTES);

beforeAll(async () => {
  const rng = random(0, "pictures");
  for (let i = 0; i < 8; i++) {
    const [width, height] = [20 + rng.integer(40), 20 + rng.integer(40)];
    const pixels = Uint8Array.from({ length: 3 * width * height }, () => rng.integer(256));
    mkdirSync(join(photos, i % 2 ? "ant" : "bee"), { recursive: true });
    const png = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
    writeFileSync(join(photos, i % 2 ? "ant" : "bee", `${i}.png`), png);
  }
});

const cropped: LoadOptions = { size: 16, resize: "crop", cropShare: 16 / 25 };
const open = (options: LoadOptions = {}) =>
  openData(photos, "train", { ...cropped, transformBeforeCrop: true, ...options });
const all = [0, 1, 2, 3, 4, 5, 6, 7];

describe("what transforms see", () => {
  test("has the images themselves in its middle: their pixels are those of a crop alone", async () => {
    const [before, after] = [await open(), await open({ transformBeforeCrop: false })];
    const batch = await readBatch(before, all);
    expect(batch.surround!.shape).toEqual([8, 3, 24, 24]);
    const plain = await readBatch(after, all);
    expect([plain.data, "surround" in plain]).toEqual([batch.data, false]);
    const direct = new Float32Array(8 * 3 * 16 * 16);
    await before.read(all, direct);
    expect(direct).toEqual(plain.data);
    expect(before.hash).not.toBe(after.hash);
    expect(after.hash).toBe((await openData(photos, "train", cropped)).hash);
    // Images are known again whatever transforms see of them.
    expect(await imageSketch(before)).toEqual(await imageSketch(after));
  });

  test.each([
    [16, 16 / 24],
    [15, 15 / 23],
    [16, 0.3],
  ])("of %i pixels and a share of %f is what a crop of the larger size gives", (side, cropShare) => {
    const [width, height] = [48, 40];
    const rng = random(1, "picture");
    const picture = Uint8Array.from({ length: 3 * width * height }, () => rng.integer(256));
    const rule = { resize: "crop", cropShare, interpolation: "bicubic" } as const;
    const to = { height: side, width: side };
    const larger = surroundingSize(to, { cropShare, transformBeforeCrop: true });
    const before = arranged(picture, 3, { height, width }, to, { ...rule, transformBeforeCrop: true });
    const whole = arranged(picture, 3, { height, width }, larger, {
      ...rule,
      cropShare: larger.height / Math.floor(side / cropShare + 1e-6),
    });
    expect(before).toEqual(whole);
  });

  test("is the same held or decoded when it is read, in parts and in samples", async () => {
    const held = await open();
    process.env.ALIGNREG_MAX_HELD_BYTES = "0";
    const streamed = await open();
    expect(streamed.hash).toBe(held.hash);
    const whole = await readBatch(held, [3, 1, 6]);
    expect(await readBatch(streamed, [3, 1, 6])).toEqual(whole);
    const { train } = await splitSource(held, { validation: 0.3 });
    const part = await readBatch(train, [0]);
    expect(part.surround!.shape).toEqual([1, 3, 24, 24]);
    expect((await readBatch(sample(held, 4), [0])).surround).toBeDefined();
  });
});

describe("a note or an error says", () => {
  test("what is cut when", async () => {
    expect((await open()).notes!.join("\n")).toMatch(
      /transforms are applied to 24×24 pixels, of which the middle 16×16 are then cut out\./,
    );
    const like = {
      imageShape: [3, 16, 16] as [number, number, number],
      pictures: { resize: "crop", cropShare: 0.5, transformBeforeCrop: true } as const,
    };
    const asModel = await openData(photos, "train", { like });
    expect(asModel.pictures!.transformBeforeCrop).toBe(true);
    expect(asModel.notes!.join("\n")).toMatch(/as the model says; --no-transform-before-crop does otherwise/);
    const otherwise = await openData(photos, "train", { like, transformBeforeCrop: false });
    expect([otherwise.surround, otherwise.pictures!.transformBeforeCrop]).toEqual([undefined, undefined]);
    // A model's rule is one of its own crop.
    expect((await openData(photos, "train", { like, resize: "pad" })).surround).toBeUndefined();
  });

  test.each([
    ["stretched", { resize: "stretch", cropShare: undefined }],
    ["padded", { resize: "pad", cropShare: undefined }],
    ["cut to 16×16 of a shorter side that is as long", { cropShare: undefined }],
    ["cut to 16×16 of a shorter side that is as long", { cropShare: 16 / 17 }],
  ] as const)("that nothing is cut off of what is %s", async (why, options) => {
    await expect(open(options)).rejects.toThrow(`and pictures are ${why}: nothing is cut off.`);
  });

  test("that pictures of a share of next to nothing are too large", async () => {
    await expect(open({ size: 224, cropShare: 0.001 })).rejects.toThrow(/224000×224000/);
  });

  test("that a data set in memory holds images as they are cut", async () => {
    await expect(loadData(photos, "train", { ...cropped, transformBeforeCrop: true })).rejects.toThrow(
      /Read them by openData/,
    );
  });
});
