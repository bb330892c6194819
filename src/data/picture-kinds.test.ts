import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Exif } from "../tensor/index.ts";
import { decodeImage, readImageHeader } from "./image-file.ts";

/** Made by tools/fixtures/picture_kinds.py with Pillow. */
const folder = fileURLToPath(new URL("../../test/fixtures/picture-kinds/", import.meta.url));

interface Expected {
  readonly height: number;
  readonly width: number;
  /** `ImageOps.exif_transpose(image).convert("RGB")`: interleaved bytes in base64. */
  readonly upright: string;
  /** `image.convert("RGB")`, where that is another. */
  readonly stored?: { readonly height: number; readonly width: number; readonly rgb: string };
}

const { files } = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as {
  readonly files: Readonly<Record<string, Expected>>;
};
const names = Object.keys(files);

/** Size and interleaved pixels, as they are stored or upright. */
async function read(name: string, exif: Exif) {
  const bytes = readFileSync(join(folder, name));
  const { height, width } = await readImageHeader(name, bytes, exif);
  const settings = { resize: "stretch", cropShare: 1, interpolation: "bilinear", exif, channels: 3 } as const;
  const planar = await decodeImage(name, bytes, { ...settings, height, width });
  const area = height * width;
  return { height, width, rgb: planar.map((_, i) => planar[(i % 3) * area + Math.floor(i / 3)]) };
}

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));

/** AVIF's colours are computed by another decoder; a GIF's transparent pixels have none there. */
const same = names.filter((name) => !/\.avif$|transparent\.gif$/.test(name));

describe("pixels of a file are Pillow's, upright", () => {
  test.each(same)("%s", async (name) => {
    const { height, width, upright } = files[name];
    expect(await read(name, "apply")).toEqual({ height, width, rgb: bytesOf(upright) });
  });
});

describe("with exif ignored they are torchvision's, as stored", () => {
  test.each(same)("%s", async (name) => {
    const { height, width, upright, stored } = files[name];
    const expected = stored ?? { height, width, rgb: upright };
    expect(await read(name, "ignore")).toEqual({ ...expected, rgb: bytesOf(expected.rgb) });
  });
});

test.each(["apply", "ignore"] as const)(
  "AVIF is turned by its decoder, whatever is said (%s)",
  async (exif) => {
    for (const name of ["rgb.avif", "turned.avif"]) {
      const { height, width, upright } = files[name];
      const { rgb, ...size } = await read(name, exif);
      expect(size).toEqual({ height, width });
      const worst = bytesOf(upright).reduce((most, byte, i) => Math.max(most, Math.abs(byte - rgb[i])), 0);
      expect(worst).toBeLessThanOrEqual(2);
    }
  },
);

test("transparent pixels of a GIF are black, and others Pillow's", async () => {
  const { rgb } = await read("transparent.gif", "apply");
  const pillows = bytesOf(files["transparent.gif"].upright);
  const differing = Array.from(rgb, (_, i) => i).filter((i) => rgb[i] !== pillows[i]);
  expect(differing.length).toBeGreaterThan(0);
  expect(differing.length).toBeLessThan(rgb.length / 2);
  expect(differing.every((i) => rgb[i] === 0)).toBe(true);
});

test("the fixtures have pictures that are turned, in each way", () => {
  const turned = names.filter((name) => files[name].stored !== undefined);
  expect(turned).toEqual(expect.arrayContaining([2, 3, 4, 5, 6, 7, 8].map((n) => `turned-${n}.jpg`)));
  expect(turned).toEqual(expect.arrayContaining(["turned.png", "turned.webp", "turned-xmp.jpg"]));
});

test("of a HEIC file, by any name, it is said what it is and what to do", async () => {
  const bytes = readFileSync(join(folder, "phone.heic"));
  const message = /^IMG_1\.jpg cannot be read as an image \(it is HEIC, .*convert it to JPEG/;
  await expect(readImageHeader("IMG_1.jpg", bytes, "apply")).rejects.toThrow(message);
});
