import { expect, test } from "vitest";
import { blockSize } from "./block-size.ts";

// Without it every test of the blocked lowering would be skipped, and a broken one would go unnoticed.
test("the operators are there, and compute what they should", async ({ skip }) => {
  if (process.arch !== "x64")
    skip(`no blocked convolutions: ONNX Runtime has them for x64, and this is ${process.arch}`);
  expect([8, 16]).toContain(await blockSize());
});

test("there are none but the CPU's", async () => {
  expect(await blockSize({ executionProvider: "webgpu" })).toBeNull();
});
