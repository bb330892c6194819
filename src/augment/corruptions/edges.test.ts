import { expect, test } from "vitest";
import { cannyEdges, distances } from "./edges.ts";

const size = { height: 6, width: 8 };
/** Columns from the fourth on are lighter by so much in each row. */
const steps = (byRow: readonly number[]) =>
  Float32Array.from({ length: 48 }, (_, i) => (i % 8 >= 4 ? byRow[Math.floor(i / 8)] : 0));
const count = (edges: Uint8Array) => edges.reduce((sum, edge) => sum + edge, 0);

test("a faint edge is one only where it leads to a strong one", () => {
  expect(count(cannyEdges(steps([20, 20, 20, 20, 20, 20]), size, [50, 150]))).toBe(0);
  expect(count(cannyEdges(steps([60, 60, 60, 60, 60, 60]), size, [50, 150]))).toBe(6);
  expect(count(cannyEdges(steps([20, 20, 20, 20, 20, 60]), size, [50, 150]))).toBeGreaterThan(2);
});

test("distances are OpenCV's steps of 1, 1.4 and 2.1969, up to a limit", () => {
  const far = distances(Uint8Array.of(1, ...Array<number>(47).fill(0)), size, 4);
  expect([far[0], far[1], far[9], far[10], far[11]].map((d) => Number(d.toFixed(4)))).toEqual([
    0, 1, 1.4, 2.1969, 3.1969,
  ]);
  expect(far[47]).toBe(4);
});
