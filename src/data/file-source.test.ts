import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { random } from "../tensor/index.ts";
import { imageSketch } from "./image-sketch.ts";
import { imagesAt, imagesOf } from "./gather.ts";
import type { ImageSource } from "./image-source.ts";
import { type LoadOptions, loadData, openData } from "./load.ts";
import { sample } from "./sample.ts";
import { subset } from "./subset.ts";

const root = mkdtempSync(join(tmpdir(), "alignreg-files-"));
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => delete process.env.ALIGNREG_MAX_HELD_BYTES);

/** A photograph of noise, as JPEG, of its own size. */
function photograph(seed: number): Promise<Buffer> {
  const rng = random(seed, "photograph");
  const [width, height] = [20 + rng.integer(30), 20 + rng.integer(30)];
  const pixels = Uint8Array.from({ length: 3 * width * height }, () => rng.integer(256));
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toBuffer();
}

let folders = 0;
/** A new folder of files by path. */
function folderOf(files: Readonly<Record<string, Uint8Array>>): string {
  const directory = join(root, `folder${folders++}`);
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), bytes);
  }
  return directory;
}

const files: Record<string, Uint8Array> = {};
beforeAll(async () => {
  for (let i = 0; i < 12; i++) files[`${i % 3 === 0 ? "ant" : "bee"}/${10 + i}.jpg`] = await photograph(i);
});

async function streamed(directory: string, options: LoadOptions = { size: 16 }): Promise<ImageSource> {
  process.env.ALIGNREG_MAX_HELD_BYTES = "0";
  return openData(directory, "train", options);
}

async function heldOf(directory: string): Promise<ImageSource> {
  delete process.env.ALIGNREG_MAX_HELD_BYTES;
  return openData(directory, "train", { size: 16 });
}

describe("a folder that does not fit into memory", () => {
  test("has the hash, labels and pixels of one that does, whatever is read and in which order", async () => {
    const directory = folderOf(files);
    const held = await heldOf(directory);
    const stream = await streamed(directory);
    const all = await loadData(directory, "train", { size: 16 });
    expect(["readAhead" in stream, "readAhead" in held]).toEqual([true, false]);
    expect(stream.hash).toBe(held.hash);
    expect(stream.labels).toEqual(held.labels);
    expect(stream.files).toEqual(all.files);
    for (const indices of [[...all.labels.keys()], [11, 3, 3, 0], []]) {
      stream.readAhead!([3, 5, 7]);
      const { data } = imagesAt(all, indices);
      expect((await imagesOf(held, indices)).data).toEqual(data);
      expect((await imagesOf(stream, indices)).data).toEqual(data);
    }
    for (const source of [held, stream]) {
      await expect(source.read([12], new Float32Array(768))).rejects.toThrow(/no sample 12/);
      await expect(source.read([0], new Float32Array(767))).rejects.toThrow(/has 767 values/);
    }
  });

  test("says that its images are decoded again and again", async () => {
    const directory = folderOf(files);
    const [stream, held] = [await streamed(directory), await heldOf(directory)];
    expect(stream.notes!.slice(0, -1)).toEqual(held.notes);
    expect(stream.notes!.at(-1)).toMatch(/^folder\d+: 12 images are decoded each time they are read/);
  });

  test("is known again by its images, as one in memory is", async () => {
    const directory = folderOf(files);
    const sketch = await imageSketch(await loadData(directory, "train", { size: 16 }));
    const stream = await streamed(directory);
    await imagesOf(stream, [1, 2]);
    expect(await imageSketch(stream)).toEqual(sketch);
    const part = subset(stream, [4, 2], "part");
    expect(await imageSketch(part)).toEqual(
      await imageSketch(subset(await loadData(directory, "train", { size: 16 }), [4, 2], "part")),
    );
  });

  test("has parts and samples without a copy", async () => {
    const directory = folderOf(files);
    const stream = sample(await streamed(directory), 6);
    const all = sample(await loadData(directory, "train", { size: 16 }), 6);
    expect(stream.labels).toEqual(all.labels);
    expect(stream.files).toEqual(all.files);
    expect((await imagesOf(stream, [5, 0])).data).toEqual(imagesAt(all, [5, 0]).data);
  });
});

describe("the hash of a folder", () => {
  const hashOf = async (directory: string, options: LoadOptions = { size: 16 }) =>
    (await openData(directory, "train", options)).hash;

  test("follows from bytes, order, labels, names of classes and how files are decoded; not from names of files", async () => {
    const hash = await hashOf(folderOf(files));
    expect(await hashOf(folderOf(files))).toBe(hash);
    const renamed = folderOf(files);
    renameSync(join(renamed, "ant/10.jpg"), join(renamed, "ant/09.jpg"));
    expect(await hashOf(renamed)).toBe(hash);
    const swapped = { ...files, "bee/11.jpg": files["bee/12.jpg"], "bee/12.jpg": files["bee/11.jpg"] };
    const { "ant/10.jpg": moved, ...others } = files;
    const changes: [string, LoadOptions?][] = [
      [folderOf(files), { size: 17 }],
      [folderOf(files), { size: [16, 17] }],
      [folderOf(files), { size: 16, channels: 1 }],
      [folderOf(files), { size: 16, resize: "crop" }],
      [folderOf(files), { size: 16, resize: "pad" }],
      [folderOf(files), { size: 16, resize: "crop", cropShare: 0.5 }],
      [folderOf(files), { size: 16, interpolation: "bicubic" }],
      [folderOf(files), { size: 16, exif: "ignore" }],
      [folderOf(swapped)],
      [folderOf({ ...others, "bee/10.jpg": moved })],
      [folderOf(others)],
      [folderOf({ ...files, "ant/10.jpg": await photograph(99) })],
      [
        folderOf(
          Object.fromEntries(Object.entries(files).map(([path, of]) => [path.replace("bee", "cow"), of])),
        ),
      ],
    ];
    const hashes = [hash];
    for (const [directory, options] of changes) hashes.push(await hashOf(directory, options));
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe("a file that is not what it was", () => {
  test("is an error that names it, never another picture: changed, gone, cut off; all of them at once", async () => {
    const directory = folderOf(files);
    const stream = await streamed(directory);
    await imagesOf(stream, [0]);
    writeFileSync(join(directory, "ant/10.jpg"), await photograph(50));
    await expect(imagesOf(stream, [0])).rejects.toThrow(/ant\/10\.jpg has changed since .*Start again/s);
    rmSync(join(directory, "bee/12.jpg"));
    writeFileSync(
      join(directory, "bee/11.jpg"),
      readFileSync(join(directory, "bee/11.jpg")).subarray(0, -100),
    );
    stream.readAhead!([5]);
    await expect(imagesOf(stream, [5])).rejects.toThrow(
      /^3 files cannot be read\. .*ant\/10\.jpg has changed.*bee\/11\.jpg has changed.*bee\/12\.jpg/s,
    );
    // The others are read on.
    expect((await imagesOf(stream, [1])).data).toHaveLength(768);
  });

  test("that ends early is found when the folder is opened, even if nothing is decoded then", async () => {
    const cut = (name: string) => files[name].subarray(0, files[name].length - 200);
    const directory = folderOf({
      ...files,
      "ant/10.jpg": cut("ant/10.jpg"),
      "bee/14.jpg": cut("bee/14.jpg"),
    });
    await expect(streamed(directory)).rejects.toThrow(/^2 files cannot be read.*ant\/10\.jpg.*bee\/14\.jpg/s);
  });

  test("that has something behind its end is read", async () => {
    const film = Uint8Array.from([...files["ant/10.jpg"], ...new Uint8Array(500).fill(7)]);
    const stream = await streamed(folderOf({ ...files, "ant/10.jpg": film }));
    const plain = await streamed(folderOf(files));
    expect((await imagesOf(stream, [0])).data).toEqual((await imagesOf(plain, [0])).data);
  });

  test("that is damaged inside is named with all others when the first is read", async () => {
    const png = await sharp(new Uint8Array(300).fill(9), { raw: { width: 10, height: 10, channels: 3 } })
      .png()
      .toBuffer();
    const broken = Uint8Array.from(png);
    const data = png.indexOf("IDAT") + 4;
    broken.fill(0xee, data, data + 12);
    const directory = folderOf({ ...files, "ant/90.png": broken, "bee/91.png": broken });
    const stream = await streamed(directory);
    const ants = stream.labels.filter((label) => label === 0).length;
    await expect(imagesOf(stream, [ants - 1])).rejects.toThrow(/^2 files cannot be read.*90\.png.*91\.png/s);
  });
});
