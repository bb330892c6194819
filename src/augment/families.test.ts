import { describe, expect, test } from "vitest";
import { type ImageBatch, random, sizeOf } from "../tensor/index.ts";
import { families } from "./families.ts";
import { identity } from "./family.ts";
import { eagerViews, lazyViews } from "./views.ts";

/** Colour images, so that every family has something to change. */
const shape = [5, 3, 12, 12] as const;
const [count, ...imageShape] = shape;
const imageSize = sizeOf(imageShape);
const rng = random(2022, "families");
const images: ImageBatch = {
  data: Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform()),
  shape,
};
const imageAt = (index: number): ImageBatch => ({
  data: images.data.subarray(index * imageSize, (index + 1) * imageSize),
  shape: [1, ...imageShape],
});

const table = Object.entries(families).map(([name, make]) => ({ name, family: make() }));

describe.each(table)("family $name", ({ name, family }) => {
  test("has the name of its row, a unit and the identity first", () => {
    expect(family.name).toBe(name);
    expect(family.unit).not.toBe("");
    expect(family.members[0]).toBe(identity);
    expect(family.members.length).toBeGreaterThan(1);
  });

  test("tells its members apart, by name and by finite numbers", () => {
    const [, ...transforms] = family.members;
    expect(new Set(family.members.map((member) => member.name)).size).toBe(family.members.length);
    expect(new Set(transforms.map(({ parameters }) => JSON.stringify(parameters))).size).toBe(
      transforms.length,
    );
    for (const { parameters } of transforms) {
      expect(Object.values(parameters).length).toBeGreaterThan(0);
      expect(Object.values(parameters).every(Number.isFinite)).toBe(true);
    }
  });

  test("is the same family each time it is made", () => {
    const again = families[name as keyof typeof families]();
    again.members.forEach((member, k) => {
      expect(member.name).toBe(family.members[k].name);
      expect(member.apply(images)).toEqual(family.members[k].apply(images));
    });
  });

  describe.each(family.members)("$name", (member) => {
    const views = member.apply(images);

    test("gives a finite view of every image", () => {
      expect(views).toHaveLength(images.data.length);
      expect(views.every(Number.isFinite)).toBe(true);
    });

    test("gives each image the same bits alone, in a batch, and in another order", () => {
      const order = [3, 0, 3, 4];
      const data = new Float32Array(order.length * imageSize);
      order.forEach((index, i) => data.set(imageAt(index).data, i * imageSize));
      const reordered = member.apply({ data, shape: [order.length, ...imageShape] });
      order.forEach((index, i) => {
        const expected = views.subarray(index * imageSize, (index + 1) * imageSize);
        expect(reordered.subarray(i * imageSize, (i + 1) * imageSize)).toEqual(expected);
        expect(member.apply(imageAt(index))).toEqual(expected);
      });
    });

    test("writes all of a given output, and leaves the images alone", () => {
      const before = images.data.slice();
      const out = new Float32Array(images.data.length).fill(NaN);
      expect(member.apply(images, out)).toBe(out);
      expect(out).toEqual(views);
      expect(images.data).toEqual(before);
    });

    test("takes an empty batch", () => {
      expect(member.apply({ data: new Float32Array(0), shape: [0, ...imageShape] })).toHaveLength(0);
    });
  });

  test.each(family.members.slice(1))("$name changes every image", (member) => {
    for (let index = 0; index < count; index++) {
      const { data } = imageAt(index);
      const view = member.apply(imageAt(index));
      const change = view.reduce((sum, value, i) => sum + Math.abs(value - data[i]), 0) / imageSize;
      expect(change).toBeGreaterThan(1e-3);
    }
  });

  test("has the same bits eager and lazy", async () => {
    const eager = eagerViews(images, family);
    const lazy = lazyViews(
      {
        shape: imageShape,
        read(indices, out) {
          for (let i = 0; i < indices.length; i++) out.set(imageAt(indices[i]).data, i * imageSize);
          return Promise.resolve();
        },
      },
      family,
    );
    const indices = [4, 1, 1, 2];
    const views = [eager, lazy];
    const [all, allLazy] = await Promise.all(
      views.map(async (source) => {
        const out = new Float32Array(family.members.length * indices.length * imageSize).fill(NaN);
        await source.fill(indices, out);
        return out;
      }),
    );
    expect(allLazy).toEqual(all);

    for (let k = 0; k < family.members.length; k++) {
      const members = indices.map((_, i) => (k + i) % family.members.length);
      const [drawn, drawnLazy] = await Promise.all(
        views.map(async (source) => {
          const out = new Float32Array(indices.length * imageSize).fill(NaN);
          await source.fillMembers(indices, members, out);
          return out;
        }),
      );
      expect(drawnLazy).toEqual(drawn);
    }
  });
});
