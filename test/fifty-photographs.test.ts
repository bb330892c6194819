import sharp from "sharp";
import { expect, test } from "vitest";
import { fiftyPhotographs } from "./fifty-photographs.ts";

test("there are fifty: of each orientation, format, depth and kind of colours", async () => {
  const photographs = await fiftyPhotographs();
  expect(photographs).toHaveLength(50);
  const facts = await Promise.all(
    photographs.filter(({ name }) => !name.endsWith(".bmp")).map(({ bytes }) => sharp(bytes).metadata()),
  );
  const found = new Set(
    facts.flatMap((header) => [
      header.format,
      header.space,
      header.depth,
      `turned ${header.orientation}`,
      header.isProgressive && `progressive ${header.format}`,
      header.isPalette && "palette",
      header.hasAlpha && `transparent ${header.format}`,
      header.hasProfile && `profile ${header.format}`,
      header.chromaSubsampling,
      header.width === 1 && "one wide",
      header.height === 1 && "one high",
    ]),
  );
  const turns = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `turned ${number}`);
  const kinds = ["jpeg", "png", "webp", "gif", "heif", "b-w", "cmyk", "rgb16", "ushort", "palette"];
  const profiles = ["jpeg", "png", "webp", "heif"].map((format) => `profile ${format}`);
  const others = ["progressive jpeg", "progressive png", "transparent png", "transparent webp", "4:2:0"];
  expect([...found]).toEqual(
    expect.arrayContaining([...turns, ...kinds, ...profiles, ...others, "4:4:4", "one wide", "one high"]),
  );
});
