import { describe, expect, test } from "vitest";
import { data, options, smallNet } from "../../test/small-run.ts";
import { fit } from "./index.ts";
import { runLength } from "./run-length.ts";

const lengthOf = (images: number, given = {}) => {
  const { epochs, batchSize } = runLength(images, given);
  return { epochs, batchSize };
};

describe("the length of a run where nobody says", () => {
  test("is that of MNIST and CIFAR-10 for as many images, which is not noted", () => {
    expect(runLength(60_000, {})).toEqual({ epochs: 2, batchSize: 128, notes: [] });
    expect(runLength(1_000_000, {})).toEqual({ epochs: 2, batchSize: 128, notes: [] });
  });

  test("is about 900 steps, of ten or more an epoch, for less", () => {
    expect(lengthOf(20_000)).toEqual({ epochs: 6, batchSize: 128 });
    expect(lengthOf(5000)).toEqual({ epochs: 23, batchSize: 128 });
    expect(lengthOf(500)).toEqual({ epochs: 57, batchSize: 32 });
    expect(lengthOf(100)).toEqual({ epochs: 70, batchSize: 8 });
    expect(lengthOf(1)).toEqual({ epochs: 100, batchSize: 8 });
  });

  test("never falls by more than a step's rounding where there are more images", () => {
    for (let images = 1; images < 70_000; images += 7) {
      const { epochs, batchSize } = lengthOf(images);
      const steps = epochs * Math.ceil(images / batchSize);
      expect(batchSize <= 128 && batchSize >= 8 && Math.log2(batchSize) % 1 === 0).toBe(true);
      if (images >= 100) expect(steps, `${images} images`).toBeGreaterThanOrEqual(900);
      if (images < 60_000) expect(steps, `${images} images`).toBeLessThan(1500);
    }
  });

  test("leaves what was asked for, and adds the rest to it", () => {
    expect(lengthOf(500, { epochs: 3 })).toEqual({ epochs: 3, batchSize: 32 });
    expect(lengthOf(500, { batchSize: 128 })).toEqual({ epochs: 100, batchSize: 128 });
    expect(runLength(500, { epochs: 2, batchSize: 128 }).notes).toEqual([]);
  });

  test("is said in one note, and done", async () => {
    const { history, notes, manifest } = await fit(smallNet(), data, {
      transforms: options.transforms,
      epochs: 2,
      onNote: () => undefined,
    });
    expect(history.at(-1)!.step).toBe(2 * 6);
    expect(manifest.config.batchSize).toBe(8);
    expect(notes.filter((note) => note.startsWith("Training takes"))).toEqual([
      "Training takes 2 epochs of 6 steps with 8 images each, by the number of images, 42; say so for another length " +
        "(batchSize, --batch-size).",
    ]);
  });
});
