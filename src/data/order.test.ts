import { describe, expect, test } from "vitest";
import { random } from "../tensor/index.ts";
import { epochOrder } from "./order.ts";

describe("epochOrder", () => {
  test("visits every sample once", () => {
    expect([...epochOrder(100, 1, 0)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
  });

  test("is the stream named order of seed and epoch", () => {
    expect(epochOrder(100, 5, 3)).toEqual(random(5, "order", 3).permutation(100));
    expect(epochOrder(100, 5, 3)).not.toEqual(epochOrder(100, 5, 4));
    expect(epochOrder(100, 5, 3)).not.toEqual(epochOrder(100, 6, 3));
  });
});
