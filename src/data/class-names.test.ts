import { describe, expect, test } from "vitest";
import { confusableNames, normalizedClassName, numericOrderDiffers, shownName } from "./class-names.ts";

test("names are compared in one Unicode form", () => {
  expect(normalizedClassName("cafe\u0301")).toBe("café".normalize("NFC"));
  expect(normalizedClassName("Café ")).toBe("Café ");
});

describe("confusableNames", () => {
  test.each([
    ["Cat", "cat"],
    ["cat", "cat "],
    ["sea lion", "sea  lion"],
    ["sea lion", "sealion"],
    ["ﬁsh", "fish"],
    ["ａnt", "ant"],
    ["STRASSE", "straße"],
    ["Cafe\u0301", "café"],
    ["ant", "ant\u200b"],
  ])("%j and %j", (name, other) => {
    expect(confusableNames([name, "dog"], [other, "bird"])).toEqual([[name, other]]);
    expect(confusableNames([name, "dog", other])).toEqual([[name, other]]);
  });

  test.each([
    ["cat", "cut"],
    ["cat", "cat"],
    ["cafe", "café"],
    ["caf\u00e9", "cafe\u0301"],
    ["1", "10"],
    ["a-b", "a_b"],
  ])("not %j and %j", (name, other) => {
    expect(confusableNames([name], [other])).toEqual([]);
    expect(confusableNames([name, other])).toEqual([]);
  });

  test("single letters of one list are the classes of letters; in two lists they are not", () => {
    expect(confusableNames(["A", "a"])).toEqual([]);
    expect(confusableNames(["A"], ["a"])).toEqual([["A", "a"]]);
  });
});

describe("numericOrderDiffers", () => {
  test.each([
    [["1", "10", "2"]],
    [["0", "180", "270", "90"]],
    [["-10", "-5", "-7"]],
    [["class1", "class10", "class2"]],
    [["0.5", "10", "2.5"]],
  ])("%j", (names) => expect(numericOrderDiffers(names)).toBe(true));

  test.each([
    [["0", "1", "2", "10"]],
    [["01", "02", "10"]],
    [["ant", "bee"]],
    [["a1", "b0"]],
    [["2", "1", "ant"]],
    [["3", "", "1"]],
    [[]],
    [["7"]],
  ])("not %j", (names) => expect(numericOrderDiffers(names)).toBe(false));
});

test("what cannot be seen in a name is spelt out", () => {
  expect(shownName("cat ")).toBe('"cat "');
  expect(shownName("cafe\u0301")).toBe('"cafe\\u{301}"');
  expect(shownName("a\u200bb\u001b")).toBe('"a\\u{200b}b\\u{1b}"');
});
