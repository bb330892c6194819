import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { UsageError, random } from "../tensor/index.ts";
import { DataError } from "./errors.ts";
import { type ImageFolderOptions, openImageFolder } from "./image-folder.ts";
import type { Split } from "./source.ts";

const root = mkdtempSync(join(tmpdir(), "alignreg-images-"));
afterAll(() => rmSync(root, { recursive: true }));

type Format = "png" | "jpeg";

/** An encoded grey image of one row. */
const grey = (row: number[], format: Format = "png") =>
  sharp(Uint8Array.from(row), { raw: { width: row.length, height: 1, channels: 1 } })
    .toColourspace("b-w")
    .toFormat(format, format === "jpeg" ? { quality: 100 } : {})
    .toBuffer();

/** An encoded colour image of one row of [red, green, blue]. */
const colour = (row: number[][], format: Format = "png") =>
  sharp(Uint8Array.from(row.flat()), { raw: { width: row.length, height: 1, channels: 3 } })
    .toFormat(format, format === "jpeg" ? { quality: 100, chromaSubsampling: "4:4:4" } : {})
    .toBuffer();

let folders = 0;
async function folder(files: Record<string, Uint8Array | Promise<Uint8Array>>): Promise<string> {
  const directory = join(root, `folder${folders++}`);
  mkdirSync(directory);
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), await bytes);
  }
  return directory;
}

const read = async (directory: string, split: Split, options?: ImageFolderOptions) =>
  (await openImageFolder(directory, options))!.read(split);

describe("train/CLASS and test/CLASS", () => {
  test("are two splits, classes and files in the order of their names", async () => {
    const directory = await folder({
      "train/dog/b.png": grey([3, 4]),
      "train/dog/a.png": grey([1, 2]),
      "train/cat/z.PNG": grey([5, 6]),
      "test/dog/a.png": grey([7, 8]),
      "test/cat/a.png": grey([9, 10]),
    });
    const train = await read(directory, "train");
    expect(train.classNames).toEqual(["cat", "dog"]);
    expect(train.shape).toEqual([1, 1, 2]);
    expect([...train.pixels]).toEqual([5, 6, 1, 2, 3, 4]);
    expect([...train.labels]).toEqual([0, 1, 1]);
    expect(train.name).toMatch(/^folder\d+\/train$/);
    expect([...(await read(directory, "test")).pixels]).toEqual([9, 10, 7, 8]);
  });

  test("have the same classes: others are an error that names both lists, whichever is read", async () => {
    const directory = await folder({
      "train/ant/a.png": grey([1]),
      "train/bee/a.png": grey([2]),
      "test/bee/a.png": grey([3]),
      "test/cat/a.png": grey([4]),
    });
    for (const split of ["train", "test"] as const) {
      await expect(read(directory, split)).rejects.toThrow(DataError);
      await expect(read(directory, split)).rejects.toThrow(
        /other classes in train\/ \(ant, bee\) than in test\/ \(bee, cat\): only train\/ has ant; only test\/ has cat\. .*empty folder/,
      );
    }
  });

  test("say by an empty folder that a split has no images of a class", async () => {
    const directory = await folder({
      "train/ant/a.png": grey([1]),
      "train/bee/a.png": grey([2]),
      "test/bee/a.png": grey([3]),
      "test/ant/.gitkeep": Uint8Array.of(),
    });
    const test = await read(directory, "test");
    expect(test.classNames).toEqual(["ant", "bee"]);
    expect([...test.labels]).toEqual([1]);
    mkdirSync(join(directory, "train/cat"));
    mkdirSync(join(directory, "test/cat"));
    expect((await read(directory, "train")).classNames).toEqual(["ant", "bee", "cat"]);
    const nothing = await folder({ "train/ant/.a": Uint8Array.of(), "test/ant/a.png": grey([1]) });
    await expect(read(nothing, "train")).rejects.toThrow(/train has no images: its class folders are empty/);
  });

  test.each([
    ["train/Cat", "test/cat", /train\/"Cat" and test\/"cat"/],
    ["train/cat", "test/cat ", /train\/"cat" and test\/"cat "/],
    ["train/cat ", "train/cat", /train\/"cat" and train\/"cat "/],
    ["train/caf\u00e9", "train/cafe\u0301", /train\/"cafe\\u\{301\}" and train\/"café"/],
  ])("%j and %j are named, not guessed to be one class or two", async (one, other, names) => {
    const directory = await folder({ [`${one}/a.png`]: grey([1]), [`${other}/a.png`]: grey([2]) });
    await expect(read(directory, "train")).rejects.toThrow(names);
    await expect(read(directory, "train")).rejects.toThrow(
      /differ in case, spaces or Unicode form only\. Rename/,
    );
  });

  test("are the same class in both spellings of é, which file systems choose", async () => {
    const directory = await folder({
      "train/caf\u00e9/a.png": grey([1]),
      "train/tea/a.png": grey([2]),
      "test/cafe\u0301/a.png": grey([3]),
      "test/tea/a.png": grey([4]),
    });
    const [train, test] = [await read(directory, "train"), await read(directory, "test")];
    expect(train.classNames).toEqual(["caf\u00e9", "tea"]);
    expect(test.classNames).toEqual(train.classNames);
    expect([...test.labels].map((label, i) => [test.classNames[label], test.pixels[i]])).toEqual([
      ["caf\u00e9", 3],
      ["tea", 4],
    ]);
  });

  test("ask for a missing split only when it is wanted", async () => {
    const directory = await folder({ "train/ant/a.png": grey([1]) });
    expect([...(await read(directory, "train")).labels]).toEqual([0]);
    await expect(read(directory, "test")).rejects.toThrow(DataError);
    await expect(read(directory, "test")).rejects.toThrow(/has no test split: .*found only train\//);
  });

  test("may be links, and may hold hidden and other files", async () => {
    const target = await folder({ "bee/a.png": grey([2]), "bee/.DS_Store": Uint8Array.of(1) });
    const directory = await folder({ "test/bee/a.png": grey([1]), "test/.cache/a.png": grey([9]) });
    symlinkSync(target, join(directory, "train"));
    const train = await read(directory, "train");
    expect(train.classNames).toEqual(["bee"]);
    expect([...train.pixels]).toEqual([2]);
  });
});

describe("CLASS folders", () => {
  test("serve as either split", async () => {
    const directory = await folder({ "ant/a.png": grey([1]), "bee/a.png": grey([2]) });
    expect((await read(directory, "train")).hash).toBe((await read(directory, "test")).hash);
    expect([...(await read(directory, "train")).labels]).toEqual([0, 1]);
    expect((await read(directory, "train")).isUnsplit).toBe(true);
  });

  test("that look alike are named", async () => {
    const directory = await folder({ "Ant/a.png": grey([1]), "ant/a.png": grey([2]) });
    await expect(read(directory, "test")).rejects.toThrow(/class folders "Ant" and "ant"/);
  });

  test("come in the order of code points, as in Python", async () => {
    const directory = await folder({ "\u{1f41c}/a.png": grey([1]), "\uffe5/a.png": grey([2]) });
    expect((await read(directory, "train")).classNames).toEqual(["\uffe5", "\u{1f41c}"]);
  });

  test("may be classes named train and test among others", async () => {
    const directory = await folder({
      "bus/a.png": grey([1]),
      "test/a.png": grey([2]),
      "train/a.png": grey([3]),
    });
    expect((await read(directory, "train")).classNames).toEqual(["bus", "test", "train"]);
  });

  test("are not seen in train and test folders without classes, nor without images", async () => {
    expect(
      await openImageFolder(await folder({ "train/a.png": grey([1]), "test/a.png": grey([2]) })),
    ).toBeNull();
    expect(await openImageFolder(await folder({ "ant/a.txt": Uint8Array.of(1) }))).toBeNull();
    expect(await openImageFolder(await folder({ "a.png": grey([1]) }))).toBeNull();
  });

  test("without images are named", async () => {
    const directory = await folder({ "ant/a.png": grey([1]), "bee/a.psd": Uint8Array.of(1) });
    await expect(read(directory, "train")).rejects.toThrow(
      /bee has no images: looked for \*\.png, \*\.jpg, .*; found a\.psd\. Add images or remove/,
    );
  });
});

const red = [255, 0, 0];
const mixed = [10, 20, 30];

describe("channels", () => {
  test("are 3, planar, when any image has colour", async () => {
    const directory = await folder({ "a/1.png": colour([red, mixed]), "a/2.png": grey([7, 8]) });
    const { shape, pixels } = await read(directory, "train");
    expect(shape).toEqual([3, 1, 2]);
    expect([...pixels]).toEqual([255, 10, 0, 20, 0, 30, 7, 8, 7, 8, 7, 8]);
  });

  test("can be asked for: colour becomes luma, grey is repeated", async () => {
    // PIL: Image.new("RGB", (1, 1), (255, 0, 0)).convert("L") is 76, and (10, 20, 30) is 18
    const directory = await folder({ "a/1.png": colour([red, mixed]), "a/2.png": grey([7, 8]) });
    expect([...(await read(directory, "train", { channels: 1 })).pixels]).toEqual([76, 18, 7, 8]);
    const greyOnly = await folder({ "a/2.png": grey([7, 8]) });
    expect([...(await read(greyOnly, "train", { channels: 3 })).pixels]).toEqual([7, 8, 7, 8, 7, 8]);
  });

  test("drop transparency", async () => {
    const image = sharp(Uint8Array.of(10, 20, 30, 0), { raw: { width: 1, height: 1, channels: 4 } });
    const { shape, pixels } = await read(await folder({ "a/1.png": image.png().toBuffer() }), "train");
    expect(shape).toEqual([3, 1, 1]);
    expect([...pixels]).toEqual([10, 20, 30]);
  });

  test("hold 8 bits of a 16-bit image", async () => {
    const image = sharp(Uint16Array.of(0, 257 * 100, 65535), { raw: { width: 3, height: 1, channels: 1 } });
    const directory = await folder({ "a/1.png": image.toColourspace("grey16").png().toBuffer() });
    expect([...(await read(directory, "train")).pixels]).toEqual([0, 100, 255]);
  });

  test("other than 1 and 3 are rejected", async () => {
    const options = { channels: 4 } as unknown as ImageFolderOptions;
    await expect(openImageFolder(await folder({ "a/1.png": grey([1]) }), options)).rejects.toThrow(
      UsageError,
    );
  });
});

test("JPEG images are decoded, grey and colour", async () => {
  const directory = await folder({
    "a/1.jpg": grey([200, 200], "jpeg"),
    "a/2.jpeg": colour([mixed, mixed], "jpeg"),
  });
  const { pixels } = await read(directory, "train");
  expect(Math.max(...[...pixels.subarray(0, 6)].map((value) => Math.abs(value - 200)))).toBeLessThanOrEqual(
    2,
  );
  expect(pixels.subarray(6)).toBeAllClose([10, 10, 20, 20, 30, 30], { atol: 3 });
});

describe("size", () => {
  test("is that of all images; the first odd one is named", async () => {
    const directory = await folder({
      "a/1.png": grey([1, 2]),
      "a/2.png": grey([1, 2, 3]),
      "b/1.png": grey([1]),
    });
    await expect(read(directory, "train")).rejects.toThrow(DataError);
    await expect(read(directory, "train")).rejects.toThrow(
      /a\/2\.png is 1×3 pixels \(height × width\) and .*a\/1\.png is 1×2\. Pass a size/,
    );
  });

  test("stretches every image", async () => {
    const directory = await folder({ "a/1.png": grey([50, 50]), "a/2.png": colour([mixed]) });
    const { shape, pixels } = await read(directory, "train", { size: [2, 3] });
    expect(shape).toEqual([3, 2, 3]);
    expect([...pixels]).toEqual(
      [50, 10, 20, 30].flatMap((value, i) => new Array<number>(i ? 6 : 18).fill(value)),
    );
    expect((await read(directory, "train", { size: 4 })).shape).toEqual([3, 4, 4]);
  });

  test("leaves images of that size as they are", async () => {
    const directory = await folder({ "a/1.png": grey([0, 255, 7]) });
    expect([...(await read(directory, "train", { size: [1, 3] })).pixels]).toEqual([0, 255, 7]);
  });

  test.each([0, -3, 1.5, [28, 0] as const])("of %s is rejected", async (size) => {
    await expect(openImageFolder(await folder({ "a/1.png": grey([1]) }), { size })).rejects.toThrow(
      UsageError,
    );
  });
});

describe("an image that cannot be read", () => {
  const rng = random(1);
  const noise = Array.from({ length: 4000 }, () => rng.integer(256));

  test.each<[string, () => Promise<Uint8Array>]>([
    ["a PNG cut in half", async () => (await grey(noise)).subarray(0, 2000)],
    ["a PNG cut in its header", async () => (await grey(noise)).subarray(0, 30)],
    [
      "a PNG with a changed byte",
      async () => (await grey(noise)).map((byte, i) => (i === 2000 ? byte ^ 255 : byte)),
    ],
    ["a JPEG cut in half", async () => (await grey(noise, "jpeg")).subarray(0, 2000)],
    ["a JPEG cut in its header", async () => (await grey(noise, "jpeg")).subarray(0, 30)],
    ["an empty file", () => Promise.resolve(new Uint8Array(0))],
    ["a text file", () => Promise.resolve(new TextEncoder().encode("not an image"))],
  ])("is named: %s", async (_, bytes) => {
    const directory = await folder({ "a/1.png": grey(noise), "a/2.png": bytes(), "a/3.png": grey(noise) });
    await expect(read(directory, "train")).rejects.toThrow(DataError);
    await expect(read(directory, "train")).rejects.toThrow(
      /a\/2\.png cannot be read as an image \(.+\)\. Replace it or take it out/,
    );
  });
});

test("many images keep their order", async () => {
  const names = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, "0"));
  const directory = await folder(Object.fromEntries(names.map((name, i) => [`a/${name}.png`, grey([i])])));
  expect([...(await read(directory, "train")).pixels]).toEqual(names.map(Number));
});

describe("folders as people have them", () => {
  const picture = (format: "webp" | "avif" | "gif" | "tiff" | "png") =>
    sharp({ create: { width: 4, height: 4, channels: 3, background: "#ff0000" } })
      .toFormat(format, format === "webp" || format === "avif" ? { lossless: true } : {})
      .toBuffer();

  test("are walked down, and every format that is decoded safely is read", async () => {
    const directory = await folder({
      "ant/b.png": picture("png"),
      "ant/2019/deep/a.WebP": picture("webp"),
      "ant/2019/z.tif": picture("tiff"),
      "bee/a.avif": picture("avif"),
      "bee/a.gif": picture("gif"),
    });
    const { files, labels, pixels, notes } = await read(directory, "train");
    expect(files!.map((file) => file.slice(directory.length + 1))).toEqual([
      "ant/b.png",
      "ant/2019/z.tif",
      "ant/2019/deep/a.WebP",
      "bee/a.avif",
      "bee/a.gif",
    ]);
    expect([...labels]).toEqual([0, 0, 0, 1, 1]);
    expect([...pixels.slice(0, 16)]).toEqual(new Array(16).fill(255));
    expect(notes).toEqual([]);
  });

  test("say in one note what is left out; what archives leave behind goes without a word", async () => {
    const directory = await folder({
      "ant/b.png": picture("png"),
      "ant/IMG_1.HEIC": Uint8Array.of(1),
      "ant/IMG_2.heic": Uint8Array.of(1),
      "ant/notes.txt": Uint8Array.of(1),
      "ant/Thumbs.db": Uint8Array.of(1),
      "__MACOSX/ant/b.png": Uint8Array.of(1),
    });
    const { notes, classNames } = await read(directory, "train");
    expect(classNames).toEqual(["ant"]);
    expect(notes).toEqual([
      expect.stringMatching(
        /: 3 files are left out \(2 \.heic, 1 \.txt\), as .*IMG_1\.HEIC: .* HEIC, which phones write, cannot be read: convert/,
      ),
    ]);
  });

  test("do not train on what disks, network storage and packages leave behind", async () => {
    const directory = await folder({
      "ant/b.png": picture("png"),
      "ant/@eaDir/b.png/SYNOPHOTO_THUMB_M.png": picture("png"),
      "ant/Icon\r": Uint8Array.of(),
      "$RECYCLE.BIN/desktop.ini": Uint8Array.of(1),
      "System Volume Information/x": Uint8Array.of(1),
      "node_modules/icons/a.png": picture("png"),
    });
    const { notes, classNames, files } = await read(directory, "train");
    expect(classNames).toEqual(["ant"]);
    expect(files).toHaveLength(1);
    expect(notes).toEqual([]);
  });

  test("say which images lie beside the class folders", async () => {
    const directory = await folder({ "ant/1.png": grey([1]), "new.png": grey([2]), "readme.txt": grey([2]) });
    expect((await read(directory, "train")).notes).toEqual([
      expect.stringMatching(
        /^folder\d+: 1 image lies beside the class folders, as .*new\.png, and is left out\./,
      ),
    ]);
    const parts = await folder({
      "train/ant/1.png": grey([1]),
      "train/a.png": grey([2]),
      "train/b.png": grey([2]),
      "test/ant/1.png": grey([1]),
      "runs/a/model.onnx": Uint8Array.of(1),
      "others/1.png": grey([3]),
      "extra/ant/1.png": grey([3]),
    });
    expect((await read(parts, "train")).notes).toEqual([
      expect.stringContaining("images in extra/, others/ are left out, as they are called like no split"),
      expect.stringMatching(/train: 2 images lie beside the class folders, as .*a\.png, and are left out/),
    ]);
  });

  test.each<[string, string, string, string[]]>([
    ["once", "photos/ant/1.png", "photos", ["ant"]],
    ["twice", "photos/photos/ant/1.png", "photos/photos", ["ant"]],
    ["with its splits", "photos/photos/train/ant/1.png", "photos/photos", ["train"]],
  ])("say which folder may have been meant where it is wrapped %s", async (_how, file, meant, inside) => {
    const directory = await folder({ [file]: grey([1]), "__MACOSX/photos/._1.png": Uint8Array.of(0) });
    expect((await read(directory, "train")).notes).toEqual([
      expect.stringMatching(
        new RegExp(
          `one class folder, photos/, holds folders .* \\(${inside.join(", ")}\\), give .*/${meant} in its place`,
        ),
      ),
    ]);
  });

  test("need no word where the one class has images of its own", async () => {
    const directory = await folder({ "ant/1.png": grey([1]), "ant/2019/1.png": grey([2]) });
    expect((await read(directory, "train")).notes).toEqual([]);
  });

  test("with a link that leads back up are an error that names it", async () => {
    const directory = await folder({ "ant/1.png": grey([1]), "bee/1.png": grey([2]) });
    symlinkSync("..", join(directory, "ant/up"));
    symlinkSync("..", join(directory, "bee/up"));
    await expect(read(directory, "train")).rejects.toThrow(
      /ant is .*ant again, a folder that it lies in: a link leads back up\. Remove/,
    );
  });

  test("name their splits in any case; val is one, not a class", async () => {
    const directory = await folder({
      "Train/ant/1.png": grey([1]),
      "VAL/ant/1.png": grey([2]),
      "Test/ant/1.png": grey([3]),
    });
    expect([...(await read(directory, "train")).pixels]).toEqual([1]);
    expect([...(await read(directory, "test")).pixels]).toEqual([3]);
    const partial = await folder({ "train/ant/1.png": grey([1]), "valid/ant/1.png": grey([2]) });
    await expect(read(partial, "test")).rejects.toThrow(/no test split.* found only train\/, valid\//);
    const double = await folder({ "train/ant/1.png": grey([1]), "TRAIN/ant/1.png": grey([2]) });
    await expect(read(double, "train")).rejects.toThrow(
      /TRAIN\/ and train\/, which both name the train split/,
    );
  });

  test("name all files that cannot be read at once", async () => {
    const files: Record<string, Uint8Array | Promise<Uint8Array>> = { "ant/0.png": grey([1]) };
    for (let i = 1; i <= 30; i++) files[`ant/${i}.png`] = Uint8Array.of(i);
    await expect(read(await folder(files), "train")).rejects.toThrow(
      /^30 files cannot be read\. .*ant\/1\.png cannot.*ant\/10\.png cannot.* And 10 more\. Replace them or take them out/,
    );
  });

  test("may have JPEGs with stray bytes between their markers, which every viewer shows", async () => {
    const whole = await picture("png").then((png) => sharp(png).jpeg().toBuffer());
    const scan = whole.indexOf(Buffer.of(0xff, 0xda));
    const stray = Buffer.concat([whole.subarray(0, scan), Buffer.of(0, 7, 9), whole.subarray(scan)]);
    const cut = whole.subarray(0, whole.length - 40);
    const [both, damaged] = [
      await folder({ "ant/1.jpg": whole, "ant/2.jpg": stray }),
      await folder({ "ant/1.jpg": whole, "ant/2.jpg": cut }),
    ];
    const { pixels } = await read(both, "train");
    expect(pixels.slice(48)).toEqual(pixels.slice(0, 48));
    await expect(read(damaged, "train")).rejects.toThrow(/2\.jpg cannot be read as an image/);
  });
});

describe("images as a model takes them", () => {
  const of = async () =>
    folder({ "a/1.png": grey([0, 90]), "a/2.png": grey([1, 2, 3, 4]), "b/1.png": grey([9, 9]) });

  test("are stretched to its size and have its channels, which is said", async () => {
    const data = await read(await of(), "test", { like: [3, 1, 2] });
    expect(data.shape).toEqual([3, 1, 2]);
    expect(data.notes).toEqual([
      expect.stringMatching(
        /pictures are stretched to 1×2 pixels, which the model takes; --resize crop or pad does otherwise\.$/,
      ),
    ]);
  });

  test("need no word where they are of that size, and what is given goes before", async () => {
    const same = await folder({ "a/1.png": grey([0, 90]), "b/1.png": grey([9, 9]) });
    expect(await read(same, "test", { like: [1, 1, 2] })).toMatchObject({
      shape: [1, 1, 2],
      notes: [],
    });
    const given = await read(await of(), "test", { like: [3, 1, 2], size: 5, channels: 1 });
    expect(given).toMatchObject({ shape: [1, 5, 5] });
    expect(given.notes).toEqual([expect.stringMatching(/pictures are stretched to 5×5 pixels; --resize/)]);
    expect((await read(await of(), "test", { size: 5, resize: "stretch" })).notes).toEqual([]);
  });

  const wide = async () =>
    folder({ "a/1.png": grey([10, 20, 30, 40, 50, 60, 70, 80]), "b/1.png": grey([9, 9, 200, 9]) });
  const [imageShape, size] = [[1, 1, 2] as const, [1, 2] as const];

  test("come to its size by its own rule, which is said and remembered", async () => {
    const pictures = { resize: "crop", cropShare: 0.5, exif: "ignore" } as const;
    const data = await read(await wide(), "test", { like: { imageShape, pictures } });
    const rule = { resize: "crop", cropShare: 0.5, interpolation: "bilinear", exif: "ignore" };
    expect(data.pictures).toEqual(rule);
    const same = await read(await wide(), "test", { size, resize: "crop", cropShare: 0.5, exif: "ignore" });
    expect([same.pixels, same.pictures]).toEqual([data.pixels, rule]);
    expect(data.notes).toEqual([
      expect.stringMatching(
        /are cut to their middle, 1×2 pixels of 2×4, as the model says; --resize stretch or pad/,
      ),
    ]);
    expect(data.pixels).not.toEqual((await read(await wide(), "test", { size })).pixels);
  });

  test("options go before the model's rule, whose share goes with it", async () => {
    const pictures = { resize: "crop", cropShare: 0.5, interpolation: "bicubic" } as const;
    const like = { imageShape, pictures };
    const padded = await read(await wide(), "test", { like, resize: "pad" });
    expect(padded.pictures).toMatchObject({ resize: "pad", cropShare: 1, interpolation: "bicubic" });
    const narrower = await read(await wide(), "test", { like, cropShare: 0.25 });
    expect(narrower.pictures).toMatchObject({ resize: "crop", cropShare: 0.25, exif: "apply" });
    const parts = { resize: "crop", interpolation: "box", exif: "ignore" } as const;
    const own = await read(await wide(), "test", { size, ...parts });
    expect(own.pictures).toEqual({ ...parts, cropShare: 1 });
  });

  test("a size that only files beside the model name is taken too", async () => {
    const data = await read(await wide(), "test", { like: { pictures: { resize: "pad", size: [3, 5] } } });
    expect(data.shape).toEqual([1, 3, 5]);
  });

  test("a share is of crops only", async () => {
    const message = /cropShare \(--crop-share\) is for pictures that are cropped, and these are stretched\./;
    await expect(read(await wide(), "test", { size, cropShare: 0.5 })).rejects.toThrow(message);
    const like = { imageShape, pictures: { resize: "crop" } } as const;
    await expect(read(await wide(), "test", { like, resize: "pad", cropShare: 0.5 })).rejects.toThrow(
      /are padded/,
    );
  });
});

describe("orientations of cameras", () => {
  const turned = (orientation: number) =>
    sharp(Uint8Array.from([10, 20, 30, 40, 50, 60]), { raw: { width: 3, height: 2, channels: 1 } })
      .withExif({ IFD0: { Orientation: String(orientation) } })
      .withMetadata({ orientation })
      .png()
      .toBuffer();

  test("are applied, which is said; sizes are those of upright pictures", async () => {
    const directory = await folder({ "a/1.png": turned(6), "b/1.png": turned(8), "b/2.png": turned(6) });
    const data = await read(directory, "test", { channels: 1 });
    expect(data.shape).toEqual([1, 3, 2]);
    expect([...data.pixels.subarray(0, 12)]).toEqual([40, 10, 50, 20, 60, 30, 30, 60, 20, 50, 10, 40]);
    expect(data.notes).toEqual([
      expect.stringMatching(/: 3 of 3 pictures are turned upright, .*--exif ignore/),
    ]);
  });

  test("are ignored where that is asked for, without a word", async () => {
    const directory = await folder({ "a/1.png": turned(6), "b/1.png": turned(1) });
    const data = await read(directory, "test", { exif: "ignore", channels: 1 });
    expect([...data.pixels]).toEqual([10, 20, 30, 40, 50, 60, 10, 20, 30, 40, 50, 60]);
    expect(data.notes).toEqual([]);
  });
});

test("folders of a phone's HEIC alone are an error that says what to do", async () => {
  const heic = Uint8Array.of(1);
  const message = /none of which can be read\. HEIC, which phones write, cannot be read: convert it to JPEG/;
  await expect(read(await folder({ "a/IMG_1.HEIC": heic, "b/IMG_2.heic": heic }), "test")).rejects.toThrow(
    message,
  );
  const split = await folder({ "test/a/IMG_1.HEIC": heic, "test/b/1.png": grey([1]) });
  await expect(read(split, "test")).rejects.toThrow(/found IMG_1\.HEIC\. HEIC, .* convert it to JPEG/);
});

test("each image knows its file", async () => {
  const directory = await folder({ "test/b/2.png": grey([1]), "test/a/1.png": grey([2]) });
  const { files } = await read(directory, "test");
  expect(files).toEqual([join(directory, "test/a/1.png"), join(directory, "test/b/2.png")]);
});
