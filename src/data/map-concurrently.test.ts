import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { mapConcurrently } from "./map-concurrently.ts";

const items = Array.from({ length: 20 }, (_, i) => i);
/** Ends after more turns the earlier the item, so that later ones overtake. */
const turns = async (item: number) => {
  for (let i = item % 5; i < 5; i++) await setImmediate();
};

test("results keep the order of the items, and no more than the limit are under way", async () => {
  let underWay = 0;
  let most = 0;
  const results = await mapConcurrently(items, 3, async (item, index) => {
    most = Math.max(most, ++underWay);
    await turns(item);
    underWay--;
    return 10 * item + (index - item);
  });
  expect(results).toEqual(items.map((item) => 10 * item));
  expect(most).toBe(3);
});

test("the earliest failure is thrown, and nothing new starts after one", async () => {
  const started: number[] = [];
  const failing = mapConcurrently(items, 4, async (item) => {
    started.push(item);
    await turns(item);
    if (item >= 1) throw new Error(`item ${item}`);
  });
  await expect(failing).rejects.toThrow("item 1");
  expect(started.length).toBeLessThanOrEqual(5);
});

test("no items give no results", async () => {
  expect(await mapConcurrently([], 4, () => Promise.resolve(1))).toEqual([]);
});
