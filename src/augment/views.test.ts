import { describe, expect, test } from "vitest";
import { type ImageBatch, ShapeError, UsageError, random } from "../tensor/index.ts";
import { rotation } from "./rotation.ts";
import { type ViewSource, eagerViews, lazyViews } from "./views.ts";

const [count, imageSize] = [7, 2 * 6 * 5];
const rng = random(1, "views");
const images: ImageBatch = {
  data: Float32Array.from({ length: count * imageSize }, () => rng.uniform()),
  shape: [count, 2, 6, 5],
};
const family = rotation({ degrees: [15, -40, 90] });
const imageAt = (index: number) => images.data.subarray(index * imageSize, (index + 1) * imageSize);

const eager = eagerViews(images, family);
const lazy = lazyViews(
  {
    shape: [2, 6, 5],
    read(indices, out) {
      for (let i = 0; i < indices.length; i++) out.set(imageAt(indices[i]), i * imageSize);
      return Promise.resolve();
    },
  },
  family,
);

const viewOf = (index: number, member: number) =>
  family.members[member].apply({ data: imageAt(index), shape: [1, 2, 6, 5] });

async function filled(views: ViewSource, indices: number[]): Promise<Float32Array> {
  const out = new Float32Array(family.members.length * indices.length * imageSize).fill(NaN);
  await views.fill(indices, out);
  return out;
}

async function filledMembers(views: ViewSource, indices: number[], members: number[]): Promise<Float32Array> {
  const out = new Float32Array(indices.length * imageSize).fill(NaN);
  await views.fillMembers(indices, members, out);
  return out;
}

describe.each([
  { form: "eager", views: eager },
  { form: "lazy", views: lazy },
])("$form views", ({ views }) => {
  test("block k holds member k of every sample, in the order asked for", async () => {
    const indices = [5, 0, 3];
    const out = await filled(views, indices);
    family.members.forEach((_, k) =>
      indices.forEach((index, i) => {
        const position = (k * indices.length + i) * imageSize;
        expect(out.subarray(position, position + imageSize)).toEqual(viewOf(index, k));
      }),
    );
  });

  test("draw one member for each sample", async () => {
    const [indices, members] = [
      [6, 1, 1, 4],
      [0, 2, 3, 1],
    ];
    const out = await filledMembers(views, indices, members);
    indices.forEach((index, i) =>
      expect(out.subarray(i * imageSize, (i + 1) * imageSize)).toEqual(viewOf(index, members[i])),
    );
  });

  test("leave the images alone", async () => {
    const before = images.data.slice();
    (await filled(views, [0, 1])).fill(0);
    expect(images.data).toEqual(before);
  });

  test("reject outputs, members and counts that do not fit", async () => {
    await expect(views.fill([0], new Float32Array(imageSize))).rejects.toThrow(ShapeError);
    await expect(views.fillMembers([0], [0], new Float32Array(1))).rejects.toThrow(ShapeError);
    await expect(filledMembers(views, [0, 1], [0])).rejects.toThrow(/1 members were given for 2 samples/);
    await expect(filledMembers(views, [0], [4])).rejects.toThrow(/has no member 4. Use 0 \(identity\) to 3/);
  });
});

test("eager and lazy views are the same bits", async () => {
  expect(await filled(lazy, [2, 6, 2, 0])).toEqual(await filled(eager, [2, 6, 2, 0]));
  expect(await filledMembers(lazy, [2, 6, 0], [3, 1, 2])).toEqual(
    await filledMembers(eager, [2, 6, 0], [3, 1, 2]),
  );
});

test("a smaller batch after a larger one is filled from its own images", async () => {
  await filledMembers(lazy, [0, 1, 2, 3], [1, 1, 1, 1]);
  expect(await filledMembers(lazy, [5], [1])).toEqual(viewOf(5, 1));
});

test("eager views name an index out of range", async () => {
  await expect(filled(eager, [7])).rejects.toThrow(UsageError);
  await expect(filled(eager, [-1])).rejects.toThrow(/index -1 is out of range for 7 samples/);
});
