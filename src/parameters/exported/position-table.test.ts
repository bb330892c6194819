import { expect, test } from "vitest";
import { float32, numbersOf, random } from "../../tensor/index.ts";
import { findWindow, windowIndex, windowTable } from "./position-table.ts";

const rng = random(3, "table");

/** A table [rows, heads] gathered for each pair of places, [1, heads, HW, HW]. */
function gathered(height: number, width: number, draw: () => number) {
  const [heads, places] = [2, height * width];
  const rows = (2 * height - 1) * (2 * width - 1);
  const table = float32([rows, heads], Array.from({ length: rows * heads }, draw));
  const index = windowIndex({ height, width });
  const values = Array.from({ length: heads }, (_, head) =>
    index.map((row) => Number(table.data[row * heads + head])),
  );
  return { table, tensor: float32([1, heads, places, places], values.flat()) };
}

test.each([
  [2, 2],
  [3, 3],
  [2, 4],
  [7, 7],
])("a table of a window of %i×%i is found in what was gathered of it", (height, width) => {
  const { table, tensor } = gathered(height, width, () => rng.normal());
  expect(findWindow(tensor)).toEqual({ height, width });
  expect(windowTable(tensor, { height, width })).toEqual(table);
});

test("offsets are counted as torchvision counts them", () => {
  // torchvision.models.swin_transformer, window 2×2: relative_position_index
  expect(windowIndex({ height: 2, width: 2 })).toEqual([4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4]);
});

test("none is found in other tensors, nor where equal rows would fit any order", () => {
  const { tensor } = gathered(3, 3, () => rng.normal());
  const other = numbersOf(tensor);
  other[1] += 1;
  expect(findWindow(float32(tensor.shape, other))).toBeUndefined();
  expect(findWindow(gathered(3, 3, () => 0).tensor)).toBeUndefined();
  expect(findWindow(float32([2, 4, 4]))).toBeUndefined();
  expect(findWindow(float32([4, 4]))).toBeUndefined();
});
