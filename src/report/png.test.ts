import sharp from "sharp";
import { expect, test } from "vitest";
import { pngDataUri } from "./png.ts";

/** Decoded by another implementation. */
async function decode(uri: string) {
  const bytes = Buffer.from(uri.replace("data:image/png;base64,", ""), "base64");
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return { data: [...data], info };
}

test("a grey picture; values outside [0, 1] are clipped", async () => {
  const pixels = [0, 0.5, 1, -3, 7, 0.2];
  const { data, info } = await decode(pngDataUri({ width: 3, height: 2, channels: 1, pixels }));
  expect([info.width, info.height]).toEqual([3, 2]);
  const first = data.filter((_, i) => i % info.channels === 0);
  expect(first).toEqual([0, 128, 255, 0, 255, 51]);
});

test("a colour picture, its channels in planes", async () => {
  const pixels = [1, 0, 0, 1, /* green */ 0, 0.2, 0, 1, /* blue */ 0, 0, 0.4, 1];
  const { data, info } = await decode(pngDataUri({ width: 2, height: 2, channels: 3, pixels }));
  expect(info.channels).toBe(3);
  expect(data).toEqual([255, 0, 0, 0, 51, 0, 0, 0, 102, 255, 255, 255]);
});
