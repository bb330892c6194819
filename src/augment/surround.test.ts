/** Images with what lies around them: transforms see it, whoever makes the views. */
import { describe, expect, test } from "vitest";
import {
  type ImageBatch,
  type ImageReader,
  copyMiddle,
  middleReader,
  pickImages,
  random,
  readBatch,
} from "../tensor/index.ts";
import { cropFlipImages } from "./crop-flip.ts";
import { rotation } from "./rotation.ts";
import { viewOf } from "./view-of.ts";
import { eagerViews, lazyViews } from "./views.ts";

const rng = random(1, "surround");
const whole: ImageBatch = {
  data: Float32Array.from({ length: 5 * 2 * 14 * 12 }, () => 0.1 + 0.9 * rng.uniform()),
  shape: [5, 2, 14, 12],
};
const surround: Pick<ImageReader, "shape" | "read"> = {
  shape: [2, 14, 12],
  read(indices, out) {
    out.set(pickImages(whole, indices).data);
    return Promise.resolve();
  },
};
const shape = [2, 6, 4] as const;
const read = middleReader(surround, shape);
const source: ImageReader = { shape, surround, read };
const plain: ImageReader = { shape, read };
const family = rotation({ degrees: [25, -40] });
const size = 2 * 6 * 4;

const middleOf = (images: Float32Array): Float32Array => {
  const out = new Float32Array((images.length / (2 * 14 * 12)) * size);
  copyMiddle(images, [2, 14, 12], shape, out);
  return out;
};

test("a turned image has pixels of the picture in its corners, and without its surround black ones", async () => {
  const [seen, cut] = [await readBatch(source, [0]), await readBatch(plain, [0])];
  expect(cut.data).toEqual(seen.data);
  const turned = family.members[1];
  // No pixel of the picture is darker.
  expect(Math.min(...viewOf(turned, seen))).toBeGreaterThan(0.0999);
  expect(Math.min(...viewOf(turned, cut))).toBeLessThan(0.09);
  expect(viewOf(turned, seen)).toEqual(middleOf(turned.apply(pickImages(whole, [0]))));
  expect(viewOf(family.members[0], seen)).toEqual(seen.data);
});

test("eager and lazy views, of all members and of one for each sample, are the same", async () => {
  const eager = eagerViews(await readBatch(source, [0, 1, 2, 3, 4]), family);
  const lazy = lazyViews(source, family);
  const indices = [3, 0];
  const all = family.members.map((member) => middleOf(member.apply(pickImages(whole, indices))));
  for (const views of [eager, lazy]) {
    const out = new Float32Array(3 * 2 * size);
    await views.fill(indices, out);
    all.forEach((view, k) => expect(out.subarray(k * 2 * size, (k + 1) * 2 * size)).toEqual(view));
    const some = new Float32Array(2 * size);
    await views.fillMembers(indices, [2, 1], some);
    expect(some).toEqual(Float32Array.of(...all[2].subarray(0, size), ...all[1].subarray(size)));
  }
});

describe("crops and mirror images", () => {
  test("are drawn as without a surround; the moved window shows the picture instead of black", async () => {
    const drawing = { crop: 2, flip: true };
    const [seen, cut] = [cropFlipImages(source, drawing, 7), cropFlipImages(plain, drawing, 7)];
    const indices = [0, 1, 2, 3, 4];
    for (const step of [0, 1, 2]) {
      const batch = await readBatch(seen, indices, undefined, step);
      const direct = new Float32Array(5 * size);
      await seen.read(indices, direct, step);
      expect(direct).toEqual(batch.data);
      expect(batch.data).toEqual(middleOf(batch.surround!.data));
      const black = (await readBatch(cut, indices, undefined, step)).data;
      expect([...black].some((value) => value === 0)).toBe(true);
      expect([...batch.data].every((value) => value > 0)).toBe(true);
      // Where the cut images are not black, both show the same.
      black.forEach((value, i) => value > 0 && expect(batch.data[i]).toBe(value));
    }
  });
});
