import { InvalidArgumentError } from "commander";
import { describe, expect, test } from "vitest";
import { count, counted, duration, percent } from "./format.ts";
import { fitTable } from "../api/index.ts";
import { imageSize, wholeNumber } from "./parse-number.ts";
import { tableOption } from "./table-option.ts";

/** What the command line makes of a text, by an option's row. */
const ofRow = (row: Parameters<typeof tableOption>[0]) => (text: string) =>
  tableOption(row).parseArg!(text, undefined);
const positiveNumber = ofRow(fitTable.clipNorm);
const nonNegativeNumber = ofRow(fitTable.alignmentWeight);

test.each([
  { seconds: 0, text: "0:00" },
  { seconds: 8.4, text: "0:08" },
  { seconds: 59.6, text: "1:00" },
  { seconds: 725, text: "12:05" },
  { seconds: 7500, text: "2:05:00" },
  { seconds: 100_000, text: "27:46:40" },
])("$seconds seconds read $text", ({ seconds, text }) => {
  expect(duration(seconds)).toBe(text);
});

test("counts and shares", () => {
  expect(count(60_000)).toBe("60,000");
  expect(counted(1, "epoch")).toBe("1 epoch");
  expect(counted(2, "epoch")).toBe("2 epochs");
  expect(percent(0.97949)).toBe("97.9");
});

describe("numbers on the command line", () => {
  test("are read in decimal notation", () => {
    expect(wholeNumber(1)("12")).toBe(12);
    expect(wholeNumber(0)("1e3")).toBe(1000);
    expect(positiveNumber("1e-3")).toBe(0.001);
    expect(positiveNumber(".5")).toBe(0.5);
    expect(nonNegativeNumber("0")).toBe(0);
    expect(imageSize("32")).toEqual([32, 32]);
    expect(imageSize("32x48")).toEqual([32, 48]);
  });

  test.each([
    {
      parse: wholeNumber(1),
      refused: ["", " ", "0", "-1", "1.5", "abc", "1e400", "9007199254740993", "0x10", "1,000"],
    },
    { parse: positiveNumber, refused: ["", "0", "-1", "NaN", "Infinity", "1e400", "1.2.3", "."] },
    { parse: nonNegativeNumber, refused: ["", "-0.1", "NaN", "-Infinity"] },
    { parse: imageSize, refused: ["", "0", "32x", "x32", "32x0", "32.5", "-32", "032"] },
  ])("others are refused: $refused", ({ parse, refused }) => {
    for (const text of refused) expect(() => parse(text), text).toThrow(InvalidArgumentError);
  });
});
