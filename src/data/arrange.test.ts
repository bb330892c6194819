import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { arranged } from "./arrange.ts";
import type { PictureRule } from "../tensor/index.ts";
import { resample } from "./resample.ts";

interface Picture {
  readonly height: number;
  readonly width: number;
  readonly rgb: string;
}

/** Made by tools/fixtures/picture_arrangement.py with Pillow and torchvision. */
const { pictures, cases } = JSON.parse(
  readFileSync(new URL("../../test/fixtures/picture-arrangement.json", import.meta.url), "utf8"),
) as {
  readonly pictures: Readonly<Record<string, Picture>>;
  readonly cases: readonly (Picture & PictureRule & { readonly picture: string })[];
};

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));

const described = cases.map((each) => ({
  ...each,
  title: `${each.resize} ${each.cropShare} ${each.interpolation}`,
}));

test.each(described)("$picture to $height×$width, $title: Pillow's bytes", ({ picture, rgb, ...rule }) => {
  const from = pictures[picture];
  expect(arranged(bytesOf(from.rgb), 3, from, rule, rule)).toEqual(bytesOf(rgb));
});

test.each(described.filter(({ picture }) => picture === "wide"))(
  "a channel alone, $resize $cropShare $interpolation to $height×$width: the same as among three",
  ({ picture, rgb, ...rule }) => {
    const from = pictures[picture];
    const green = (bytes: Uint8Array) => bytes.filter((_, i) => i % 3 === 1);
    expect(arranged(green(bytesOf(from.rgb)), 1, from, rule, rule)).toEqual(green(bytesOf(rgb)));
  },
);

test("a window is that part of the whole", () => {
  const from = pictures.wide;
  const to = { height: 17, width: 21 };
  const all = resample(bytesOf(from.rgb), 3, from, to);
  // Of one size at several places, as the weights of one are kept.
  for (const [top, left] of [
    [4, 5],
    [0, 14],
    [8, 0],
  ]) {
    const window = { top, left, height: 9, width: 7 };
    const part = resample(bytesOf(from.rgb), 3, from, to, { window });
    const expected = Array.from({ length: window.height }, (_, row) => {
      const start = ((window.top + row) * to.width + window.left) * 3;
      return [...all.subarray(start, start + 3 * window.width)];
    }).flat();
    expect([...part]).toEqual(expected);
  }
});

test("a picture that is thinner than a pixel keeps one when it is padded", () => {
  const line = pictures.line;
  const padded = arranged(
    bytesOf(line.rgb),
    3,
    line,
    { height: 8, width: 8 },
    {
      resize: "pad",
      cropShare: 1,
      interpolation: "bilinear",
    },
  );
  const row = resample(bytesOf(line.rgb), 3, line, { height: 1, width: 8 });
  expect(padded.subarray(4 * 24, 5 * 24)).toEqual(row);
  expect(padded.filter((byte) => byte !== 0).length).toBeLessThanOrEqual(24);
});
