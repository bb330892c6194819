import { expect, test } from "vitest";
import { defineFamily, familyFromSpec, identity } from "../../augment/index.ts";
import { flipDoubts, meaningDoubts } from "./index.ts";

const digits = Array.from("0123456789");
const noted = (spec: string, classNames: readonly string[]) =>
  meaningDoubts(familyFromSpec(spec), classNames);

test("shifts that keep the meaning are no doubt", () => {
  expect(noted("rotation+translate+blur", ["rose", "tulip"])).toEqual([]);
});

test("classes that a shift may exchange are named", () => {
  expect(noted("rotation:15,170,180,190", digits)).toEqual([
    "A shift (rotation 170°, rotation 180°, rotation 190°) turns upside down, and may make one class of another: 6 and 9. " +
      "Leave it out, or make one class of each two.",
  ]);
  expect(noted("rotation:90", ["Left arrow", "arrow_up", "stop"])).toEqual([
    expect.stringContaining("may make one class of another: left and up."),
  ]);
  expect(noted("rotation:180", Array.from("dp"))).toHaveLength(1);
});

test("of characters no other doubt is said, of all else where it matters", () => {
  expect(noted("contrast+rotation:90", digits)).toEqual([]);
  expect(noted("rotation:180", Array.from("DP"))).toEqual([]);
  expect(noted("contrast", ["rose", "tulip"])).toEqual([
    "A shift (contrast 1−x, contrast (1−x)/2, contrast (1−x)/4) exchanges light and dark: leave it out if classes differ by that " +
      "(black and white pieces, day and night, X-rays).",
  ]);
  expect(noted("cutout:0.8", digits)).toEqual([expect.stringContaining("may hide or lose")]);
});

test("of many members some are named, and meanings of one's own are told in their words", () => {
  expect(noted("hue", ["a rose", "a tulip"])[0]).toMatch(
    /^A shift \(hue -0.2, hue -0.1, hue 0.1 and 1 more\) /,
  );
  const own = defineFamily({
    name: "own",
    members: () => [{ ...identity, name: "sorted" }],
    mayChangeMeaning: () => ["the order of stripes"],
  });
  expect(meaningDoubts(own(), digits)).toEqual([
    "A shift (sorted) may change the order of stripes: leave it out if classes differ by that (the order of stripes).",
  ]);
});

test("mirroring is a doubt where classes are known to differ by it", () => {
  expect(flipDoubts(true, ["cat", "dog"])).toEqual([]);
  expect(flipDoubts(false, digits)).toEqual([]);
  expect(flipDoubts(true, digits)).toEqual([
    expect.stringMatching(/^Mirroring images \(flip\) .*: 2 and 5\./),
  ]);
});
