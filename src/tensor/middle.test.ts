import { describe, expect, test } from "vitest";
import type { ImageBatch } from "./image-batch.ts";
import type { ImageReader } from "./image-reader.ts";
import { copyMiddle, joinImages, moveToFront, partOfImages, pickImages, readBatch } from "./middle.ts";

/** Pixels of images [2, H, W] that say where they are: hundreds the row, ones the column, thousands the plane. */
const larger = (images: number) => ({
  data: Float32Array.from({ length: images * 2 * 6 * 8 }, (_, at) => {
    const [plane, row, column] = [Math.floor(at / 48), Math.floor(at / 8) % 6, at % 8];
    return 1000 * plane + 100 * row + column;
  }),
  shape: [images, 2, 6, 8] as const,
});

test("the middle is what equal margins leave of each plane", () => {
  const out = new Float32Array(2 * 2 * 2 * 4);
  copyMiddle(larger(2).data, [2, 6, 8], [2, 2, 4], out);
  expect([...out.subarray(0, 8)]).toEqual([202, 203, 204, 205, 302, 303, 304, 305]);
  expect([...out.subarray(24)]).toEqual([3202, 3203, 3204, 3205, 3302, 3303, 3304, 3305]);
});

test.each([
  ["margins of half a pixel", [2, 3, 4]],
  ["more than there is", [2, 8, 8]],
  ["other channels", [1, 2, 4]],
] as const)("%s are refused", (_, shape) => {
  expect(() => copyMiddle(larger(1).data, [2, 6, 8], shape, new Float32Array(999))).toThrow(
    /are not the middle of images \[2,6,8\]/,
  );
});

describe("a batch of a source", () => {
  const whole = larger(3);
  const surround: ImageReader["surround"] = {
    shape: [2, 6, 8],
    read(indices, out) {
      out.set(pickImages(whole, indices).data);
      return Promise.resolve();
    },
  };
  const source: ImageReader = {
    shape: [2, 2, 4],
    surround,
    read: () => Promise.reject(new Error("the images are the middle of what lies around them")),
  };

  test("has what lies around its images, where the source knows it", async () => {
    const batch = await readBatch(source, [2, 0]);
    expect([batch.shape, batch.surround!.shape]).toEqual([
      [2, 2, 2, 4],
      [2, 2, 6, 8],
    ]);
    expect(batch.data.slice(0, 4)).toEqual(Float32Array.of(4202, 4203, 4204, 4205));
    expect(batch.surround!.data).toEqual(pickImages(whole, [2, 0]).data);
    const plain = await readBatch({ ...surround }, [1]);
    expect([plain.shape, "surround" in plain]).toEqual([[1, 2, 6, 8], false]);
  });

  test("taken apart and joined is the same", async () => {
    const batch = await readBatch(source, [0, 1, 2]);
    const parts: ImageBatch[] = [pickImages(batch, [0]), pickImages(batch, [1, 2])];
    expect(joinImages(parts)).toEqual(batch);
    expect(pickImages(batch, [2, 1])).toEqual(await readBatch(source, [2, 1]));
  });

  test("those that are kept move to the front of a batch, with what lies around them", async () => {
    const batch = await readBatch(source, [0, 1, 2]);
    const kept = pickImages(batch, [0, 2]);
    const whole = structuredClone(batch);
    moveToFront(whole, [0, 2]);
    expect(partOfImages(whole, 0, 2)).toEqual(kept);
    expect(partOfImages(whole, 1, 2)).toEqual(pickImages(batch, [2]));
  });
});
