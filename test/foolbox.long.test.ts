import { expect, test } from "vitest";
import { foundByFoolbox, gridOfFoolbox, searchedByOurs } from "./foolbox-case.ts";

test("1,000 digits are broken by foolbox's grid and draws where ours finds them broken", async () => {
  const grid = await searchedByOurs(1000, gridOfFoolbox());
  expect(grid.right).toBe(foundByFoolbox.grid.right);
  const drawn = await searchedByOurs(1000, foundByFoolbox.random.draws);
  expect(drawn.right).toBe(foundByFoolbox.random.right);
});
