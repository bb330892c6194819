import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { type ContactSheet, contactSheet } from "./contact-sheet.ts";
import type { Picture } from "./record.ts";

/** Decoded by another implementation; `at` gives [red, green, blue]. */
async function decode(sheet: Partial<ContactSheet>) {
  const png = contactSheet({
    title: "turns",
    subtitle: "two images",
    columns: ["a", "b"],
    rows: [],
    ...sheet,
  });
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [
    ...data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3),
  ];
  return { ...info, at };
}

type Decoded = Awaited<ReturnType<typeof decode>>;

/** Upper left corners of the squares of pure red, found without knowing the layout. */
function redCorners({ width, height, at }: Decoded): [x: number, y: number][] {
  const isRed = (x: number, y: number) => at(x, y).join() === "255,0,0";
  const corners: [number, number][] = [];
  for (let y = 1; y < height; y++) {
    for (let x = 1; x < width; x++) {
      if (isRed(x, y) && !isRed(x - 1, y) && !isRed(x, y - 1)) corners.push([x, y]);
    }
  }
  return corners;
}

/** 2 × 2: red, green, blue, grey; red, whatever is added. */
const colours = (more = 0): Picture => ({
  channels: 3,
  height: 2,
  width: 2,
  pixels: [1 + more, 0, 0, 0.2, 0 - more, 1, 0, 0.2, 0, 0, 1, 0.2],
});

const uniform = (side: number, value: number): Picture => ({
  channels: 1,
  height: side,
  width: side,
  pixels: new Float32Array(side * side).fill(value),
});

describe("contactSheet", () => {
  test("magnifies the pixels of small pictures to squares, a row per image and a column per member", async () => {
    const row = { label: "cat", pictures: [colours(), colours()] };
    const sheet = await decode({ rows: [row, row] });
    const corners = redCorners(sheet);
    expect(corners).toHaveLength(4);
    const [[x, y], [xOfSecond, yOfSecond], [xOfThird, yOfThird]] = corners;
    expect([yOfSecond, xOfThird]).toEqual([y, x]);
    expect([xOfSecond - x, yOfThird - y]).toEqual([128 + 8, 128 + 8]);
    for (const d of [0, 63]) {
      expect(sheet.at(x + d, y + d)).toEqual([255, 0, 0]);
      expect(sheet.at(x + 64 + d, y + d)).toEqual([0, 255, 0]);
      expect(sheet.at(x + d, y + 64 + d)).toEqual([0, 0, 255]);
      expect(sheet.at(x + 64 + d, y + 64 + d)).toEqual([51, 51, 51]);
    }
    expect(sheet.at(x - 1, y)).toEqual([200, 200, 200]);
    expect(sheet.at(x - 2, y)).toEqual([255, 255, 255]);
  });

  test("clamps values outside [0, 1], and says so in one more line", async () => {
    const [inside, outside] = await Promise.all(
      [0, 0.5].map((more) =>
        decode({
          columns: ["a", "b", "c", "d"],
          rows: [{ label: "1", pictures: Array(4).fill(colours(more)) }],
        }),
      ),
    );
    expect(outside.height).toBeGreaterThan(inside.height);
    expect(redCorners(outside)).toHaveLength(4);
    const rounding = await decode({
      rows: [{ label: "1", pictures: [uniform(2, 1 + 1e-6), uniform(2, -1e-7)] }],
    });
    expect(rounding.height).toBe((await decode({ rows: [{ label: "1", pictures: [colours()] }] })).height);
  });

  test("makes large pictures smaller by averaging", async () => {
    const stripes = Float32Array.from({ length: 512 * 512 }, (_, i) => (i % 2) * 0.4);
    const sheet = await decode({
      columns: ["a"],
      rows: [{ label: "1", pictures: [{ ...uniform(512, 0), pixels: stripes }] }],
    });
    expect(sheet.width).toBeLessThan(512);
    expect(sheet.height).toBeLessThan(512);
    const [right, bottom] = [sheet.width - 20, sheet.height - 20];
    expect(sheet.at(right - 1, bottom - 1)).toEqual([51, 51, 51]);
    expect(sheet.at(right - 256, bottom - 256)).toEqual([51, 51, 51]);
    expect(sheet.at(right, bottom)).toEqual([200, 200, 200]);
    expect(sheet.at(right - 257, bottom - 257)).toEqual([200, 200, 200]);
  });

  test("breaks long labels, and makes room for them", async () => {
    const of = (column: string, label: string) =>
      decode({ columns: [column], rows: [{ label, pictures: [uniform(28, 0.5)] }] });
    const [short, twoLines, oneWord] = await Promise.all([
      of("a", "cat"),
      of("rotation 15° then contrast", "cat"),
      of("a", "an extraordinarily long name of a class of many words"),
    ]);
    expect(twoLines.height - short.height).toBe(2 * 22);
    expect(oneWord.width).toBeGreaterThan(short.width);
    expect(oneWord.height).toBeGreaterThan(short.height);
  });
});
