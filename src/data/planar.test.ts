import { describe, expect, test } from "vitest";
import { writePlanar } from "./planar.ts";

describe("writePlanar", () => {
  test("separates interleaved colours", () => {
    const planar = new Uint8Array(6);
    writePlanar(Uint8Array.of(1, 2, 3, 11, 12, 13), 3, 3, planar);
    expect([...planar]).toEqual([1, 11, 2, 12, 3, 13]);
  });

  // Reference: PIL 9.4.0, Image.new("RGB", (1, 1), rgb).convert("L")
  test.each([
    [[255, 0, 0], 76],
    [[0, 255, 0], 150],
    [[0, 0, 255], 29],
    [[10, 20, 30], 18],
    [[200, 100, 51], 124],
    [[0, 1, 0], 1],
    [[255, 255, 255], 255],
  ])("makes %j grey %i, as PIL does", (rgb, grey) => {
    const planar = new Uint8Array(1);
    writePlanar(Uint8Array.from(rgb), 3, 1, planar);
    expect(planar[0]).toBe(grey);
  });
});
