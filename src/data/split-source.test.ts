import { describe, expect, test } from "vitest";
import { UsageError, random } from "../tensor/index.ts";
import { type Dataset, datasetFromArrays } from "./dataset.ts";
import type { ImageSource } from "./image-source.ts";
import { sourceSubset } from "./source-subset.ts";
import { splitSource } from "./split-source.ts";

const side = 8;

interface Photo {
  readonly className: string;
  readonly file: string;
  /** Equal numbers show the same picture. */
  readonly picture: number;
}

const photosOf = (className: string, count: number, first = 0): Photo[] =>
  Array.from({ length: count }, (_, i) => ({
    className,
    file: `${className}/${i}.png`,
    picture: 10_000 * className.charCodeAt(0) + first + i,
  }));

/** Pictures of noise, in the order given. */
function folder(
  photos: readonly Photo[],
  classNames = [...new Set(photos.map((each) => each.className))],
): Dataset {
  return datasetFromArrays({
    name: "photos",
    shape: [1, side, side],
    pixels: photos.flatMap(({ picture }) => {
      const rng = random(picture, "picture");
      return Array.from({ length: side * side }, () => rng.integer(256));
    }),
    labels: photos.map(({ className }) => classNames.indexOf(className)),
    classNames,
    files: photos.map(({ file }) => file),
    isUnsplit: true,
  });
}

const filesOf = (part: ImageSource | undefined) => [...(part?.files ?? [])].sort();
const shares = { validation: 0.2, test: 0.2 };
const four = [...photosOf("ant", 30), ...photosOf("bee", 30), ...photosOf("cat", 30), ...photosOf("dog", 30)];

describe("splitSource", () => {
  test("holds the share of each class out, says so, and has each image once", async () => {
    const data = folder([
      ...photosOf("ant", 40),
      ...photosOf("bee", 12),
      ...photosOf("cat", 5),
      ...photosOf("dog", 2),
    ]);
    const {
      train,
      validation,
      test: tested,
      notes,
    } = await splitSource(data, { validation: 0.1, test: 0.25 });
    const counts = (part: ImageSource) =>
      [0, 1, 2, 3].map((label) => part.labels.filter((l) => l === label).length);
    expect(counts(tested!)).toEqual([10, 3, 1, 1]);
    expect(counts(validation!)).toEqual([4, 1, 1, 0]);
    expect(counts(train)).toEqual([26, 8, 3, 1]);
    expect([...filesOf(train), ...filesOf(validation), ...filesOf(tested)].sort()).toEqual(filesOf(data));
    expect(notes).toEqual([
      "photos: held out are 15 for the test (ant: 10, bee: 3, cat: 1, dog: 1) and 6 for validation " +
        "(ant: 4, bee: 1, cat: 1, dog: 0); 38 of 59 images are trained on.",
      "photos: dog has too few images to hold one out each time.",
    ]);
    expect(tested!.name).toBe("photos, test part");
    expect([train.isUnsplit, tested!.isUnsplit]).toEqual([false, false]);
  });

  test("parts show the images that they name", async () => {
    const data = folder(four);
    const { test: tested } = await splitSource(data, shares);
    const image = new Float32Array(side * side);
    for (const place of [0, 7, 23]) {
      await tested!.read([place], image);
      const at = data.files!.indexOf(tested!.files![place]);
      expect([...image].map((value) => Math.round(255 * value))).toEqual([
        ...data.pixels.subarray(at * side * side, (at + 1) * side * side),
      ]);
    }
  });

  test("does not depend on names, places or the order of classes", async () => {
    const before = await splitSource(folder(four), shares);
    const renamed = (file: string) => `${file.split("/")[0]}/x${[...file].reverse().join("")}`;
    const changed = [...four].reverse().map((photo) => ({ ...photo, file: renamed(photo.file) }));
    const after = await splitSource(folder(changed, ["dog", "ant", "cat", "bee"]), shares);
    for (const part of ["train", "validation", "test"] as const)
      expect(filesOf(after[part])).toEqual(filesOf(before[part]).map(renamed).sort());
  });

  test("other seeds hold other images out", async () => {
    const tests = await Promise.all(
      [0, 1, 2].map(async (seed) => filesOf((await splitSource(folder(four), { test: 0.2, seed })).test)),
    );
    expect(tests[0]).toEqual(filesOf((await splitSource(folder(four), { test: 0.2 })).test));
    expect(new Set(tests.map(String)).size).toBe(3);
  });

  test("images that come or go move others over a border only", async () => {
    const partOf = async (photos: readonly Photo[]) => {
      const parts = await splitSource(folder(photos), shares);
      return new Map(
        (["train", "validation", "test"] as const).flatMap((name) =>
          parts[name]!.files!.map((file) => [file, name]),
        ),
      );
    };
    const before = await partOf(four);
    const moved = async (photos: readonly Photo[]) => {
      const after = await partOf(photos);
      return [...after]
        .filter(([file, part]) => before.has(file) && before.get(file) !== part)
        .map(([file]) => file);
    };
    const more = photosOf("ant", 10, 500).map((photo) => ({ ...photo, file: `${photo.file}.new` }));
    const withMore = await moved([...four, ...more]);
    // Ten more of a class move each of its two borders by 2 of the 40, and past what the new ones fill.
    expect(withMore.every((file) => file.startsWith("ant"))).toBe(true);
    expect(withMore.length).toBeLessThanOrEqual(12);
    expect((await moved(four.filter(({ file }) => file !== "bee/7.png"))).length).toBeLessThanOrEqual(2);
    expect(await moved(four.filter(({ className }) => className !== "cat"))).toEqual([]);
    // A place in the order stays a place: who moves to the test comes from validation.
    const after = await partOf([...four, ...more]);
    for (const file of withMore.filter((each) => after.get(each) === "test"))
      expect(before.get(file)).toBe("validation");
  });

  test("copies stay together, and are counted as one picture", async () => {
    const copied = four
      .filter((_, i) => i % 3 === 0)
      .map((photo) => ({ ...photo, file: `${photo.file}.copy` }));
    const before = await splitSource(folder(four), shares);
    const {
      train,
      validation,
      test: tested,
      notes,
    } = await splitSource(folder([...four, ...copied]), shares);
    for (const [part, was] of [
      [train, before.train],
      [validation, before.validation],
      [tested, before.test],
    ] as const) {
      expect([...new Set(filesOf(part).map((file) => file.replace(".copy", "")))]).toEqual(filesOf(was));
    }
    expect(notes[1]).toMatch(
      /^photos: 80 images are copies of one another, 40 pictures in all, and stay together: 0\.png = 0\.png\.copy;/,
    );
  });

  test("tells of pictures that are in two classes", async () => {
    const { notes } = await splitSource(
      folder([...four, { className: "ant", file: "ant/b3.png", picture: 980_003 }]),
      shares,
    );
    expect(notes.at(-1)).toBe(
      "photos: 1 image is in two classes, as bee/3.png (bee) and ant/b3.png (ant). Take one of each away.",
    );
  });

  test("content goes before pixels where a source knows it", async () => {
    const contents = four.map((_, i) => String(i));
    const known = await splitSource({ ...folder(four), contents }, shares);
    const blurred: ImageSource = {
      ...folder(four.map((photo, i) => ({ ...photo, picture: 5 * i }))),
      contents,
    };
    expect(filesOf((await splitSource(blurred, shares)).test)).toEqual(filesOf(known.test));
  });

  test("images without a label are held out for nothing", async () => {
    const data = folder(four);
    const whole = sourceSubset(data, [...data.labels.keys()], { name: data.name });
    const unlabelled = { ...whole, labels: data.labels.map((label) => (label === 1 ? -1 : label)) };
    const { validation, test: tested, train } = await splitSource(unlabelled, shares);
    expect([...validation!.labels, ...tested!.labels].includes(-1)).toBe(false);
    expect(train.labels.filter((label) => label === -1)).toHaveLength(30);
  });

  test("a class of one picture is trained on", async () => {
    const { train, test: tested } = await splitSource(
      folder([...photosOf("ant", 1), ...photosOf("bee", 9)]),
      { test: 0.9 },
    );
    expect([...train.labels]).toEqual([0, 1]);
    expect(tested!.labels).toHaveLength(8);
  });

  test("says what is wrong with shares", async () => {
    const data = folder(four);
    await expect(splitSource(data, { validation: 0.5, test: 0.5 })).rejects.toThrow(
      /leave nothing to train on/,
    );
    await expect(splitSource(data, { validation: 20 })).rejects.toThrow(/validation/);
    await expect(splitSource(data, { testing: 0.2 } as object)).rejects.toThrow(/test/);
    await expect(splitSource("photos" as never)).rejects.toThrow(UsageError);
    expect(await splitSource(data)).toEqual({ train: data, notes: [] });
  });
});
