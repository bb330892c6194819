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
    imageShape: [2, 6, 5],
    imagesAt(indices, out) {
      for (let i = 0; i < indices.length; i++) out.set(imageAt(indices[i]), i * imageSize);
    },
  },
  family,
);

const viewOf = (index: number, member: number) =>
  family.members[member].apply({ data: imageAt(index), shape: [1, 2, 6, 5] });

function filled(views: ViewSource, indices: number[]): Float32Array {
  const out = new Float32Array(family.members.length * indices.length * imageSize).fill(NaN);
  views.fill(indices, out);
  return out;
}

function filledMembers(views: ViewSource, indices: number[], members: number[]): Float32Array {
  const out = new Float32Array(indices.length * imageSize).fill(NaN);
  views.fillMembers(indices, members, out);
  return out;
}

describe.each([
  { form: "eager", views: eager },
  { form: "lazy", views: lazy },
])("$form views", ({ views }) => {
  test("block k holds member k of every sample, in the order asked for", () => {
    const indices = [5, 0, 3];
    const out = filled(views, indices);
    family.members.forEach((_, k) =>
      indices.forEach((index, i) => {
        const position = (k * indices.length + i) * imageSize;
        expect(out.subarray(position, position + imageSize)).toEqual(viewOf(index, k));
      }),
    );
  });

  test("draw one member for each sample", () => {
    const [indices, members] = [
      [6, 1, 1, 4],
      [0, 2, 3, 1],
    ];
    const out = filledMembers(views, indices, members);
    indices.forEach((index, i) =>
      expect(out.subarray(i * imageSize, (i + 1) * imageSize)).toEqual(viewOf(index, members[i])),
    );
  });

  test("leave the images alone", () => {
    const before = images.data.slice();
    filled(views, [0, 1]).fill(0);
    expect(images.data).toEqual(before);
  });

  test("reject outputs, members and counts that do not fit", () => {
    expect(() => views.fill([0], new Float32Array(imageSize))).toThrow(ShapeError);
    expect(() => views.fillMembers([0], [0], new Float32Array(1))).toThrow(ShapeError);
    expect(() => filledMembers(views, [0, 1], [0])).toThrow(/1 members were given for 2 samples/);
    expect(() => filledMembers(views, [0], [4])).toThrow(/has no member 4. Use 0 \(identity\) to 3/);
  });
});

test("eager and lazy views are the same bits", () => {
  expect(filled(lazy, [2, 6, 2, 0])).toEqual(filled(eager, [2, 6, 2, 0]));
  expect(filledMembers(lazy, [2, 6, 0], [3, 1, 2])).toEqual(filledMembers(eager, [2, 6, 0], [3, 1, 2]));
});

test("a smaller batch after a larger one is filled from its own images", () => {
  filledMembers(lazy, [0, 1, 2, 3], [1, 1, 1, 1]);
  expect(filledMembers(lazy, [5], [1])).toEqual(viewOf(5, 1));
});

test("eager views name an index out of range", () => {
  expect(() => filled(eager, [7])).toThrow(UsageError);
  expect(() => filled(eager, [-1])).toThrow(/index -1 is out of range for 7 samples/);
});
