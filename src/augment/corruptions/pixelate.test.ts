import { expect, test } from "vitest";
import { random } from "../../tensor/index.ts";
import { boxed, boxesOf, plainBoxed } from "./pixelate.ts";

test.each([
  [
    [1, 1],
    [1, 1],
  ],
  [
    [7, 5],
    [3, 2],
  ],
  [
    [3, 2],
    [7, 5],
  ],
  [
    [224, 224],
    [89, 89],
  ],
  [
    [89, 89],
    [224, 224],
  ],
  [
    [32, 40],
    [32, 13],
  ],
] as const)("WebAssembly has the bits of JavaScript: %j to %j", ([h, w], [height, width]) => {
  const rng = random(3, "boxes", h);
  for (const [by, areBytes] of [
    ["box", false] as const,
    ["box", true] as const,
    ["nearest", true] as const,
  ]) {
    const boxes = boxesOf({ height: h, width: w }, { height, width }, by);
    // Some of what is no byte lies outside of [0, 1].
    const plane = Float32Array.from({ length: h * w }, () =>
      areBytes ? rng.integer(256) / 255 : 1.2 * rng.uniform() - 0.1,
    );
    const [fast, plain] = [new Float32Array(height * width), new Float32Array(height * width)];
    boxed(plane, boxes, fast, areBytes);
    plainBoxed(plane, boxes, plain, areBytes);
    expect(Buffer.from(fast.buffer).equals(Buffer.from(plain.buffer))).toBe(true);
    expect(fast.every((value) => Math.abs(255 * value - Math.round(255 * value)) < 1e-4)).toBe(true);
  }
});
