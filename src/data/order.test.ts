import { describe, expect, test } from "vitest";
import { UsageError, random } from "../tensor/index.ts";
import { batches, epochOrder } from "./order.ts";

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

describe("batches", () => {
  const order = Uint32Array.of(4, 3, 2, 1, 0);

  test("cut the order, the last one shorter", () => {
    expect([...batches(order, 2)].map((batch) => [...batch])).toEqual([[4, 3], [2, 1], [0]]);
    expect([...batches(order, 5)]).toEqual([order]);
    expect([...batches(order, 9)]).toEqual([order]);
  });

  test("are views, not copies", () => {
    expect([...batches(order, 2)][1].buffer).toBe(order.buffer);
  });

  test.each([0, -1, 2.5, NaN])("reject the size %s", (batchSize) => {
    expect(() => [...batches(order, batchSize)]).toThrow(UsageError);
  });
});
