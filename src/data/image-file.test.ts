import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { decodeImage, readImageHeader } from "./image-file.ts";

/** Made by tools/fixtures/image_files.py with Pillow. */
const folder = fileURLToPath(new URL("../../test/fixtures/image-files/", import.meta.url));

interface Expected {
  /** Pillow's mode of the file. */
  readonly mode: string;
  readonly height: number;
  readonly width: number;
  /** `convert("RGB")`, and that stretched: interleaved bytes in base64. */
  readonly rgb: string;
  readonly stretched: string;
}

const { files, stretched } = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as {
  readonly stretched: { readonly height: number; readonly width: number };
  readonly files: Readonly<Record<string, Expected>>;
};

/** All but what Pillow clips: docs/data.md. */
const same = Object.keys(files).filter((name) => name !== "grey-16-bit.png");

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));

const headerOf = (name: string) => readImageHeader(name, readFileSync(join(folder, name)), "ignore");

/** What was decoded, interleaved. */
async function rgbOf(name: string, size?: { height: number; width: number }): Promise<Uint8Array> {
  const { height, width } = { ...(await headerOf(name)), ...size };
  const planar = await decodeImage(name, readFileSync(join(folder, name)), {
    height,
    width,
    channels: 3,
    resize: "stretch",
    cropShare: 1,
    interpolation: "bilinear",
    exif: "ignore",
  });
  const area = height * width;
  return Uint8Array.from(planar, (_, i) => planar[(i % 3) * area + Math.floor(i / 3)]);
}

describe("an image file's pixels are Pillow's", () => {
  test.each(same)("%s", async (name) => {
    const { height, width, rgb } = files[name];
    expect(await headerOf(name)).toMatchObject({ height, width });
    expect(await rgbOf(name)).toEqual(bytesOf(rgb));
  });

  test.each(same)("%s, stretched", async (name) => {
    expect(await rgbOf(name, stretched)).toEqual(bytesOf(files[name].stretched));
  });
});

test("grey files are grey, whatever their bits, transparency and profile; palettes are not", async () => {
  for (const name of Object.keys(files)) {
    const { channels } = await headerOf(name);
    expect([name, channels]).toEqual([name, name.startsWith("grey") ? 1 : 3]);
  }
});

test("of 16 bits of grey the upper 8 are kept, where Pillow clips at 255", async () => {
  // The first row is 0, 1, 127, 128, 255, 256, 257.
  const rgb = await rgbOf("grey-16-bit.png");
  expect([...rgb.subarray(0, 21)].filter((_, i) => i % 3 === 0)).toEqual([0, 0, 0, 0, 0, 1, 1]);
  const pillows = bytesOf(files["grey-16-bit.png"].rgb);
  expect([...pillows.subarray(0, 21)].filter((_, i) => i % 3 === 0)).toEqual([0, 1, 127, 128, 255, 255, 255]);
});
