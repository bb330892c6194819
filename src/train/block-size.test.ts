import { expect, test } from "vitest";
import { blockSize } from "./block-size.ts";

// Without it every test of the blocked lowering would be skipped, and a broken one would go unnoticed.
test.runIf(process.arch === "x64")("the operators are there, and compute what they should", async () => {
  expect([8, 16]).toContain(await blockSize());
});

test("there are none but the CPU's", async () => {
  expect(await blockSize({ executionProvider: "webgpu" })).toBeNull();
});
