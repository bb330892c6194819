import { expect, test } from "vitest";
import { random } from "../tensor/index.ts";
import { padsWithoutCeil, resolveWindow } from "./window.ts";

const pool = (attributes: Parameters<typeof resolveWindow>[0]["attributes"]) => ({
  opType: "MaxPool",
  name: "pool",
  attributes,
});

test("SAME pads so that the output is the input divided by the stride, rounded up", () => {
  const upper = resolveWindow(pool({ auto_pad: "SAME_UPPER", strides: [2, 1] }), [7, 6], [2, 4]);
  expect(upper).toMatchObject({ pads: [0, 1, 1, 2], output: [4, 6] });
  const lower = resolveWindow(pool({ auto_pad: "SAME_LOWER", strides: [2, 1] }), [7, 6], [2, 4]);
  expect(lower).toMatchObject({ pads: [1, 2, 0, 1], output: [4, 6] });
});

test("VALID ignores pads", () => {
  const window = resolveWindow(pool({ auto_pad: "VALID", pads: [1, 1] }), [7], [3]);
  expect(window).toMatchObject({ pads: [0, 0], output: [5] });
});

test("a window that would start in the padding at the end is left out under ceil_mode", () => {
  const window = resolveWindow(pool({ ceil_mode: 1, strides: [2], pads: [1, 1] }), [5], [1]);
  expect(window.output).toEqual([3]);
});

test("with padsWithoutCeil, rounding down gives the output of ceil_mode, for any window", () => {
  const rng = random(3, "ceil");
  for (let trial = 0; trial < 500; trial++) {
    const kernel = 1 + rng.integer(4);
    const dilations = [1 + rng.integer(2)];
    const size = (kernel - 1) * dilations[0] + 1 + rng.integer(9);
    const pads = [rng.integer(kernel), rng.integer(kernel)];
    const attributes = { strides: [1 + rng.integer(4)], dilations, pads };
    const ceil = resolveWindow(pool({ ...attributes, ceil_mode: 1 }), [size], [kernel]);
    const explicit = padsWithoutCeil(ceil, [size]);
    const floor = resolveWindow(pool({ ...attributes, pads: explicit }), [size], [kernel]);
    expect(floor.output, JSON.stringify({ size, kernel, attributes })).toEqual(ceil.output);
  }
});
