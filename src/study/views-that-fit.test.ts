import { afterEach, expect, test, vi } from "vitest";
import { datasetFromArrays } from "../data/index.ts";
import { viewsThatFit } from "./views-that-fit.ts";

afterEach(() => vi.restoreAllMocks());

const images = datasetFromArrays({
  name: "two",
  shape: [1, 5, 5],
  pixels: new Uint8Array(50),
  labels: [0, 1],
  classNames: ["a", "b"],
});

test("views are kept where four of them, as float32, take a quarter of the free memory, and computed by batches above", () => {
  // 4 bytes × 4 members × 2 images × 25 pixels
  const free = vi.spyOn(process, "availableMemory").mockReturnValue(4 * 800);
  expect(viewsThatFit("eager", images, 4)).toEqual({ augmentation: "eager", notes: [] });
  free.mockReturnValue(4 * 800 - 1);
  const { augmentation, notes } = viewsThatFit("eager", images, 4);
  expect(augmentation).toBe("lazy");
  expect(notes).toEqual([expect.stringMatching(/computed batch by batch/)]);
  expect(viewsThatFit("lazy", images, 4)).toEqual({ augmentation: "lazy", notes: [] });
});
