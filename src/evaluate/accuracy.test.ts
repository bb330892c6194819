import { expect, test } from "vitest";
import { correctUnderAll, correctness, countCorrect } from "./accuracy.ts";

test("the largest logit is the prediction, the lower index at a tie", () => {
  const logits = Float32Array.of(1, 2, 0, /* tie */ 3, 3, 0, /* tie */ 3, 3, 0);
  expect([...correctness(logits, Int32Array.of(1, 0, 1), 3)]).toEqual([1, 1, 0]);
});

test("a row with NaN is never correct, whatever else it contains", () => {
  const logits = Float32Array.of(NaN, 2, 5, NaN, NaN, NaN, -Infinity, -Infinity, NaN);
  expect([...correctness(logits, Int32Array.of(1, 0, 0), 3)]).toEqual([0, 0, 0]);
});

test("infinite logits still compare", () => {
  expect([...correctness(Float32Array.of(-Infinity, 0, Infinity, 0), Int32Array.of(1, 0), 2)]).toEqual([
    1, 1,
  ]);
});

test("robust means right under every member", () => {
  const all = correctUnderAll([Uint8Array.of(1, 1, 0), Uint8Array.of(1, 0, 1)]);
  expect([...all]).toEqual([1, 0, 0]);
  expect(countCorrect(all)).toBe(1);
});
