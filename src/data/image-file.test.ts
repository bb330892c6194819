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

/** Three channels of what was decoded, grey repeated. */
async function rgbOf(name: string, size?: { height: number; width: number }): Promise<Uint8Array> {
  const header = await readImageHeader(join(folder, name));
  const decoded = await decodeImage(join(folder, name), { ...header, ...size });
  return header.channels === 3
    ? Uint8Array.from(decoded)
    : Uint8Array.from({ length: 3 * decoded.length }, (_, i) => decoded[Math.floor(i / 3)]);
}

describe("an image file's pixels are Pillow's", () => {
  test.each(same)("%s", async (name) => {
    const { height, width, rgb } = files[name];
    expect(await readImageHeader(join(folder, name))).toMatchObject({ height, width });
    expect(await rgbOf(name)).toEqual(bytesOf(rgb));
  });

  test.each(same)("%s, stretched", async (name) => {
    expect(await rgbOf(name, stretched)).toEqual(bytesOf(files[name].stretched));
  });
});

test("grey files are grey, whatever their bits, transparency and profile; palettes are not", async () => {
  for (const name of Object.keys(files)) {
    const { channels } = await readImageHeader(join(folder, name));
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
