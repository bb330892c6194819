import { expect, test } from "vitest";
import type { ImageReader } from "../../tensor/index.ts";
import { middleReader } from "../../tensor/index.ts";
import { affine } from "./affine.ts";
import { drawnViews } from "./drawn-views.ts";

const shape = [2, 5, 4] as const;
const size = 40;

/** Image i has values that no other image has. */
const source: ImageReader = {
  shape,
  read(indices, out) {
    Array.from(indices).forEach((index, i) => {
      for (let k = 0; k < size; k++) out[i * size + k] = ((index * 41 + k * 7) % 97) / 97;
    });
    return Promise.resolve();
  },
};
const family = affine({ draws: 3 });

async function views(indices: number[], step: number, seed = 7, from = source): Promise<Map<string, string>> {
  const out = new Float32Array(4 * indices.length * size);
  await drawnViews(from, family, seed).fill(indices, out, step);
  const found = new Map<string, string>();
  for (let k = 0; k < 4; k++) {
    indices.forEach((index, i) => {
      const start = (k * indices.length + i) * size;
      found.set(`${index}/${k}`, out.subarray(start, start + size).join());
    });
  }
  return found;
}

test("seed, step, sample and draw decide a view, and neither order nor batch does", async () => {
  const all = await views([4, 9, 2], 5);
  const reordered = await views([2, 4, 9], 5);
  const alone = await views([9], 5);
  for (const [name, view] of all) expect(reordered.get(name), name).toBe(view);
  for (const [name, view] of alone) expect(all.get(name), name).toBe(view);
  expect((await views([9], 6)).get("9/1")).not.toBe(alone.get("9/1"));
  expect((await views([9], 5, 8)).get("9/1")).not.toBe(alone.get("9/1"));
  expect(alone.get("9/1")).not.toBe(alone.get("9/2"));
  // Draws differ from image to image, too: the same member would be one choice for the batch.
  const constant: ImageReader = { ...source, read: (_, out) => Promise.resolve(void out.fill(1)) };
  const drawn = await views([1, 2], 0, 7, constant);
  expect(drawn.get("1/1")).not.toBe(drawn.get("2/1"));
});

test("the identity comes first, and single members are those of whole batches", async () => {
  const all = await views([4, 9], 5);
  const clean = new Float32Array(2 * size);
  await source.read([4, 9], clean);
  expect(all.get("9/0")).toBe(clean.subarray(size).join());
  const out = new Float32Array(2 * size);
  const drawn = drawnViews(source, family, 7);
  await drawn.fillMembers([4, 9], [0, 2], out, 5);
  expect(out.subarray(0, size).join()).toBe(all.get("4/0"));
  expect(out.subarray(size).join()).toBe(all.get("9/2"));
  await expect(drawn.fillMembers([4], [4], out.subarray(0, size))).rejects.toThrow(/no draw 4/);
  await expect(drawn.fill([4], out)).rejects.toThrow(/the views need 160/);
});

test("views are made of what lies around an image", async () => {
  const larger: ImageReader = {
    shape: [2, 15, 14],
    read: (_, out) => Promise.resolve(void out.fill(1)),
  };
  const surrounded: ImageReader = { shape, read: middleReader(larger, shape), surround: larger };
  const out = new Float32Array(4 * size);
  await drawnViews(surrounded, family, 0).fill([0], out);
  // Without the margin the corners would be black.
  expect(out.every((value) => Math.abs(value - 1) < 1e-6)).toBe(true);
});
