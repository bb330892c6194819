import { describe, expect, test } from "vitest";
import { affine } from "../augment/ranges/affine.ts";
import { gridPoints, hardestFirst } from "../augment/ranges/points.ts";
import type { ImageBatch } from "../tensor/image-batch.ts";
import { correctUnderAll, correctness } from "./accuracy.ts";
import type { LabelledImages } from "./labelled-images.ts";
import { predictMembers } from "./predict-members.ts";
import { searchPoints } from "./search-points.ts";

const shape = [1, 6, 6] as const;
const samples = 23;
/** The upper half of an image is darker or brighter than the lower one by little or much. */
const pixels = Float32Array.from({ length: samples * 36 }, (_, i) => {
  const image = Math.floor(i / 36);
  return (i % 36 < 18 ? ((image * 5) % 12) / 12 : 0.5) + ((i * 7) % 13) / 130;
});
const data: LabelledImages = {
  shape,
  labels: Int32Array.from({ length: samples }, (_, i) => Number(i % 3 === 0)),
  classes: 2,
  read(indices, out) {
    Array.from(indices).forEach((index, i) => out.set(pixels.subarray(index * 36, (index + 1) * 36), i * 36));
    return Promise.resolve();
  },
};

/** Class 1 where the upper half is brighter by some margin: some images are right everywhere, some nowhere. */
function classify({ data: values, shape: [n] }: ImageBatch): Promise<Float32Array> {
  const logits = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < 36; k++) logits[2 * i + Number(k < 18)] += values[36 * i + k];
  }
  return Promise.resolve(logits);
}

/** As `classify`, with the labels that it gives most images. */
async function labelled(): Promise<LabelledImages> {
  const clean = await classify({ data: pixels, shape: [samples, ...shape] });
  const labels = data.labels.map((_, i) => Number(clean[2 * i + 1] > clean[2 * i] === (i % 5 !== 0)));
  return { ...data, labels };
}

const { ranges } = affine({ rotation: [-30, 30], x: [-1, 1], y: [-1, 1] });
const points = hardestFirst(ranges, gridPoints(ranges, [5, 3, 3]));
const at = (point: number) => ranges.at(points[point]);
const list = { length: points.length, at };

async function full() {
  const images = await labelled();
  const members = [ranges.at([0, 0, 0]), ...points.map((_, i) => at(i))];
  const { logits } = await predictMembers(classify, images, { members });
  const correct = logits.map((member) => correctness(member, images.labels, 2));
  return { images, clean: logits[0], correct, logits };
}

describe("a search with early exit", () => {
  test("finds what predicting every view finds, at any batch size", async () => {
    const { images, clean, correct, logits } = await full();
    const expected = correctUnderAll(correct);
    // Some of each kind, or this would show nothing.
    expect(new Set(expected)).toEqual(new Set([0, 1]));
    expect(new Set(correct[0])).toEqual(new Set([0, 1]));
    const brokenBy = Int32Array.from(expected, (right, i) =>
      right === 1 || correct[0][i] === 0 ? -1 : correct.slice(1).findIndex((member) => member[i] === 0),
    );
    for (const batchSize of [1, 4, 7, 23, 1000]) {
      const found = await searchPoints(classify, images, list, clean, { batchSize });
      expect(found.correct, `batches of ${batchSize}`).toEqual(expected);
      expect(found.brokenBy, `batches of ${batchSize}`).toEqual(brokenBy);
      for (let i = 0; i < samples; i++) {
        const of = logits[found.worst[i] + 1];
        if (brokenBy[i] >= 0) expect(found.worst[i]).toBe(brokenBy[i]);
        expect(found.logits.subarray(2 * i, 2 * i + 2)).toEqual(of.subarray(2 * i, 2 * i + 2));
      }
    }
  });

  test("tests a wrong image no further, fills batches, and counts what it predicts", async () => {
    const { images, clean, correct } = await full();
    const sizes: number[] = [];
    const counting = (batch: ImageBatch) => {
      sizes.push(batch.shape[0]);
      return classify(batch);
    };
    const one = await searchPoints(counting, images, list, clean, { batchSize: 1 });
    const needed = Array.from(images.labels, (_, i) => {
      if (correct[0][i] === 0) return 0;
      const first = correct.slice(1).findIndex((member) => member[i] === 0);
      return first < 0 ? points.length : first + 1;
    }).reduce((sum, views) => sum + views, 0);
    expect(one.views).toBe(needed);
    expect(sizes).toHaveLength(needed);
    sizes.length = 0;
    const packed = await searchPoints(counting, images, list, clean, { batchSize: 4 });
    expect(sizes.reduce((sum, n) => sum + n)).toBe(packed.views);
    expect(packed.views).toBeLessThan(samples * points.length);
    expect(sizes.slice(0, -1).every((n) => n === 4)).toBe(true);
  });

  test("needs no view where nothing is right, or there is nothing to try", async () => {
    const { images, clean } = await full();
    const wrong = {
      ...images,
      labels: images.labels.map((_, i) => Number(clean[2 * i] >= clean[2 * i + 1])),
    };
    const never = () => Promise.reject(new Error("asked"));
    expect((await searchPoints(never, wrong, list, clean)).views).toBe(0);
    expect(
      (await searchPoints(never, images, { length: 0, at }, clean)).brokenBy.every((by) => by === -1),
    ).toBe(true);
  });

  test("says how far it is, and stops when it is told to", async () => {
    const { images, clean } = await full();
    const told: number[] = [];
    const total = samples * points.length;
    await searchPoints(classify, images, list, clean, {
      batchSize: 8,
      onProgress: (done, of) => {
        told.push(done);
        expect(of).toBe(total);
      },
    });
    expect(told.at(-1)).toBe(total);
    expect([...told].sort((a, b) => a - b)).toEqual(told);
    const stopped = searchPoints(classify, images, list, clean, {
      signal: AbortSignal.abort(new Error("enough")),
    });
    await expect(stopped).rejects.toThrow("enough");
  });

  test("names the view that gives no numbers, or too few", async () => {
    const { images, clean } = await full();
    const broken = async (batch: ImageBatch) => (await classify(batch)).fill(NaN);
    await expect(searchPoints(broken, images, list, clean)).rejects.toThrow(
      /rotation -30°, x -1 px, y -1 px/,
    );
    const short = async (batch: ImageBatch) => (await classify(batch)).subarray(1);
    await expect(searchPoints(short, images, list, clean)).rejects.toThrow(/expected \[\d+, 2\]/);
  });
});
