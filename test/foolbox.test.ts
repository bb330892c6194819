import { expect, test } from "vitest";
import { foundByFoolbox, gridOfFoolbox, searchedByOurs } from "./foolbox-case.ts";

const IMAGES = 150;
const first = (right: string, images = IMAGES) => right.slice(0, images);

test("foolbox's own draws, handed to ours, break the same digits", async () => {
  const { clean, right, views } = await searchedByOurs(IMAGES, foundByFoolbox.random.draws);
  expect(clean).toBe(first(foundByFoolbox.clean));
  expect(right).toBe(first(foundByFoolbox.random.right));
  // Some break and some do not, and those that do are tested no further.
  expect(new Set(right)).toEqual(new Set("01"));
  expect(views).toBeLessThan(IMAGES * foundByFoolbox.random.draws.length);
});

test("so does its grid of 31 angles and 5 × 5 moves of 2.89 pixels", async () => {
  const { right } = await searchedByOurs(30, gridOfFoolbox());
  expect(right).toBe(first(foundByFoolbox.grid.right, 30));
  expect(new Set(right)).toEqual(new Set("01"));
});
