import { describe, expect, test } from "vitest";
import { DataError } from "./errors.ts";
import { parseIdx, parseIdxImages, parseIdxLabels } from "./idx.ts";

const header = (...shape: number[]) => [
  0,
  0,
  8,
  shape.length,
  ...shape.flatMap((n) => [0, 0, n >> 8, n & 255]),
];
const bytes = (...parts: number[][]) => Uint8Array.from(parts.flat());

describe("parseIdx", () => {
  test("reads big-endian lengths and row-major bytes", () => {
    expect(parseIdx(bytes(header(2, 3), [1, 2, 3, 4, 5, 6]), "a")).toEqual({
      shape: [2, 3],
      data: Uint8Array.of(1, 2, 3, 4, 5, 6),
    });
    expect(parseIdx(bytes(header(258), new Array<number>(258).fill(7)), "a").shape).toEqual([258]);
  });

  test("reads bytes that start inside a larger buffer", () => {
    const inside = bytes([9, 9, 9], header(2), [5, 6]).subarray(3);
    expect([...parseIdx(inside, "a").data]).toEqual([5, 6]);
  });

  test.each<[string, Uint8Array, string]>([
    ["nothing", bytes(), "is not an IDX file: expected it to start with bytes 0, 0"],
    ["another format", bytes([0x89, 0x50, 0x4e, 0x47, 0, 0]), "found 137, 80, 78, 71"],
    ["an unknown element type", bytes([0, 0, 7, 1, 0, 0, 0, 1, 5]), "found 0, 0, 7, 1"],
    ["no axes", bytes([0, 0, 8, 0, 5]), "found 0, 0, 8, 0"],
    ["float32 elements", bytes([0, 0, 13, 1, 0, 0, 0, 1, 0, 0, 0, 0]), "holds float32 elements (type 13)"],
    ["a header cut short", bytes(header(2, 3).slice(0, 9)), "2 axes need 12 bytes, found 9"],
    ["data cut short", bytes(header(2, 3), [1, 2, 3, 4, 5]), "is cut short: shape [2,3] needs 6 bytes"],
    [
      "trailing bytes",
      bytes(header(2), [1, 2, 3]),
      "is too long: shape [2] needs 2 bytes after the header, found 3",
    ],
    ["no samples", bytes(header(0, 28, 28)), "is empty: its shape is [0,28,28]"],
    ["lengths beyond 2³²", bytes([0, 0, 8, 2], new Array<number>(8).fill(255), [1]), "is cut short"],
  ])("names the file, what it found and what to do, for %s", (_, file, message) => {
    expect(() => parseIdx(file, "folder/some-idx")).toThrow(DataError);
    expect(() => parseIdx(file, "folder/some-idx")).toThrow(message);
    expect(() => parseIdx(file, "folder/some-idx")).toThrow(/^folder\/some-idx .*\. [A-Z].*\.$/);
  });
});

describe("parseIdxImages", () => {
  test("reads [N, H, W] as one channel", () => {
    expect(parseIdxImages(bytes(header(2, 1, 3), [1, 2, 3, 4, 5, 6]), "a")).toEqual({
      shape: [1, 1, 3],
      pixels: Uint8Array.of(1, 2, 3, 4, 5, 6),
      count: 2,
    });
  });

  test("reads [N, H, W, 3] as planes", () => {
    const interleaved = [1, 2, 3, 11, 12, 13, 21, 22, 23, 31, 32, 33];
    expect(parseIdxImages(bytes(header(2, 1, 2, 3), interleaved), "a")).toEqual({
      shape: [3, 1, 2],
      pixels: Uint8Array.of(1, 11, 2, 12, 3, 13, 21, 31, 22, 32, 23, 33),
      count: 2,
    });
  });

  test("reads [N, H, W, 1] as one channel", () => {
    expect(parseIdxImages(bytes(header(1, 2, 1, 1), [1, 2]), "a").shape).toEqual([1, 2, 1]);
  });

  test.each([[[4]], [[2, 2]], [[1, 2, 1, 2]], [[1, 1, 1, 3, 1]]])("rejects the shape %j", (shape) => {
    const data = new Array<number>(shape.reduce((a, b) => a * b)).fill(0);
    expect(() => parseIdxImages(bytes(header(...shape), data), "a")).toThrow(
      `a has shape [${shape}]; expected images [N, H, W]`,
    );
  });
});

test("parseIdxLabels takes one axis only", () => {
  expect([...parseIdxLabels(bytes(header(3), [2, 0, 1]), "a")]).toEqual([2, 0, 1]);
  expect(() => parseIdxLabels(bytes(header(1, 1, 1), [0]), "a")).toThrow(/not exchanged/);
});
