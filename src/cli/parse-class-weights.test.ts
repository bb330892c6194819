import { InvalidArgumentError } from "commander";
import { expect, test } from "vitest";
import { classWeights } from "./parse-class-weights.ts";

test.each([
  ["balanced", "balanced"],
  ["1,2, 0.5", [1, 2, 0.5]],
  ["3", [3]],
  ["cat=2,a dog=.5,a=b=1e-1", { cat: 2, "a dog": 0.5, "a=b": 0.1 }],
])("%s", (text, weights) => {
  expect(classWeights(text)).toEqual(weights);
});

test("a class of any name is an own one", () => {
  expect(Object.entries(classWeights("__proto__=2,toString=3"))).toEqual([
    ["__proto__", 2],
    ["toString", 3],
  ]);
});

test.each(["", "even", "1,,2", "0,1", "-1", "1e999", "cat=", "=2", "cat=2,3", "cat"])(
  "%j is refused",
  (text) => {
    expect(() => classWeights(text)).toThrow(InvalidArgumentError);
  },
);
