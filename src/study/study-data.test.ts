import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { DataError, type ImageSource, classCounts, imagesOf } from "../data/index.ts";
import { UsageError } from "../tensor/index.ts";
import { recordContents } from "./contents-record.ts";
import { StudyData } from "./study-data.ts";

const root = mkdtempSync(join(tmpdir(), "alignreg-study-data-"));
afterAll(() => rmSync(root, { recursive: true }));
const at = (...path: string[]) => join(root, ...path);

/** A folder of IDX files: 4 classes × 20 images of one pixel, sorted by class; pixels start at `first`. */
function idxFolder(path: string, first = 0): void {
  mkdirSync(path, { recursive: true });
  for (const prefix of ["train", "t10k"]) {
    const images = [0, 0, 8, 3, 0, 0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 1];
    writeFileSync(
      join(path, `${prefix}-images-idx3-ubyte`),
      Uint8Array.from([...images, ...Array.from({ length: 80 }, (_, i) => first + i)]),
    );
    const labels = Array.from({ length: 80 }, (_, i) => Math.floor(i / 20));
    writeFileSync(
      join(path, `${prefix}-labels-idx1-ubyte`),
      Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 80, ...labels]),
    );
  }
}
idxFolder(at("studies/photos"), 100);
idxFolder(at("home/photos"), 0);
idxFolder(at("home/only-here"), 0);

type Sizes = { train?: number; validation?: number; test?: number };
const dataOf = (sizes: Sizes, name = "photos", dataSeed = 0) =>
  new StudyData({ data: { name, ...sizes }, dataSeed }, at("studies"));
const pixelsOf = async (source: ImageSource): Promise<number[]> => {
  const { data } = await imagesOf(source, [...source.labels.keys()]);
  return Array.from(data, (value) => Math.round(255 * value));
};

describe("a study's images", () => {
  test("are of every class, and their notes say so", async () => {
    const data = dataOf({ train: 40, validation: 8, test: 20 });
    for (const [part, each] of [
      ["train", 10],
      ["validation", 2],
      ["test", 5],
    ] as const) {
      const images = await data.part(part);
      expect(classCounts(images)).toEqual([each, each, each, each]);
      expect(images.notes).toEqual([
        expect.stringContaining(`using ${4 * each} of 80 images: ${each} of each of 4 classes.`),
      ]);
    }
  });

  test("of training and of validation do not overlap, and more validation images change no training image", async () => {
    const parts = dataOf({ train: 40, validation: 8 });
    const [train, validation] = [
      await pixelsOf(await parts.part("train")),
      await pixelsOf(await parts.part("validation")),
    ];
    expect(new Set([...train, ...validation]).size).toBe(48);
    const more = dataOf({ train: 40, validation: 40 });
    expect(await pixelsOf(await more.part("train"))).toEqual(train);
    expect(await pixelsOf(await more.part("validation"))).toEqual(expect.arrayContaining(validation));
  });

  test("are drawn by dataSeed", async () => {
    const drawn = async (seed: number) => pixelsOf(await dataOf({ test: 20 }, "photos", seed).part("test"));
    expect(await drawn(0)).toEqual(await drawn(0));
    expect(await drawn(1)).not.toEqual(await drawn(0));
  });

  test("are all that there are by default, less the validation images", async () => {
    expect((await dataOf({}).part("train")).labels).toHaveLength(80);
    expect((await dataOf({}).part("test")).notes).toBeUndefined();
    expect((await dataOf({ validation: 8 }).part("train")).labels).toHaveLength(72);
    await expect(dataOf({}).part("validation")).rejects.toThrow(UsageError);
    await expect(dataOf({ train: 80, validation: 1 }).part("train")).rejects.toThrow(/asks for 81 images/);
    await expect(dataOf({ test: 81 }).part("test")).rejects.toThrow(/asks for 81 images of photos\/test/);
  });
});

describe("a study's data is looked up beside its file", () => {
  test.each(["photos", "./photos", "../studies/photos", at("studies/photos")])("as %s", async (name) => {
    const cwd = vi.spyOn(process, "cwd").mockReturnValue(at("home"));
    try {
      const [first] = await pixelsOf(await dataOf({}, name).part("train"));
      expect(first).toBe(100);
    } finally {
      cwd.mockRestore();
    }
  });

  test("and not in the working directory, which the error says", async () => {
    const cwd = vi.spyOn(process, "cwd").mockReturnValue(at("home"));
    try {
      const read = dataOf({}, "only-here").part("train");
      await expect(read).rejects.toThrow(DataError);
      await expect(read).rejects.toThrow(
        /there is no folder .*studies\/only-here\. Paths in a study start from the folder of its file\. There is .*home\/only-here.*write \.\.\/home\/only-here/,
      );
    } finally {
      cwd.mockRestore();
    }
  });

  test("unless it is built in; ./mnist is a folder", async () => {
    idxFolder(at("studies/mnist"));
    expect((await dataOf({ test: 10 }, "mnist").part("test")).shape).toEqual([1, 28, 28]);
    expect((await dataOf({}, "./mnist").part("test")).shape).toEqual([1, 1, 1]);
    await expect(dataOf({}, "constructor").part("test")).rejects.toThrow(/not built in \(mnist, cifar10\)/);
  });
});

describe("the record of what a study's settings mean", () => {
  const settings = '{"data":{"name":"photos"}}';
  const onNote = vi.fn();
  const record = (name: string, sha256: Record<string, string>, key = settings) =>
    recordContents(at(name), [{ settings: key, sha256 }], onNote);

  test("refuses other images under the same settings", async () => {
    await record("contents.json", { "train images": "a", "test images": "b" });
    await record("contents.json", { "train images": "a", "validation images": "c", "test images": "b" });
    await record("contents.json", { "train images": "d" }, "{}");
    await expect(record("contents.json", { "train images": "a", "test images": "d" })).rejects.toThrow(
      /^Not as they were when this folder was begun: test images\. /,
    );
    await expect(record("contents.json", { "validation images": "d" })).rejects.toThrow(UsageError);
  });

  test("is made anew when it is damaged", async () => {
    writeFileSync(at("damaged.json"), "[1]");
    await record("damaged.json", { "train images": "a" });
    expect(onNote).toHaveBeenCalledWith(expect.stringContaining(`${at("damaged.json")} is damaged`));
    await expect(record("damaged.json", { "train images": "b" })).rejects.toThrow(UsageError);
  });
});
