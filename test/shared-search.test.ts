import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EvaluateOptions, evaluate } from "../src/api/index.ts";
import { defineFamily } from "../src/augment/index.ts";
import { type Dataset, type ImageSource, openMnist, take } from "../src/data/index.ts";
import { useCompiledProcesses } from "./tools/compiled-processes.ts";
import { childProcesses, noProcesses } from "./tools/processes.ts";

const path = join(import.meta.dirname, "fixtures/evaluate/lenet.onnx");
const silent = { onNote: () => {}, sample: 2 };
const affine = { ...silent, transforms: "affine:rotation=-20..20,x=-1..1", grid: [7, 3] };

useCompiledProcesses();

describe("a search that processes share", () => {
  let data: Dataset;
  beforeAll(async () => {
    data = take(await (await openMnist()).read("test"), 90);
  });

  beforeEach(({ skip }) => {
    if (noProcesses) skip(noProcesses);
  });

  /** All but what says how long it took, how many views it was, and when. */
  const scoresOf = async (images: ImageSource, options: EvaluateOptions) => {
    const { search, robustAccuracy, perClass, hardest } = await evaluate(path, images, options);
    return { robustAccuracy, perClass, hardest, search: { ...search, views: null } };
  };

  test("finds what one process finds, in any number of them", async () => {
    const alone = await scoresOf(data, { ...affine, threads: 1 });
    expect(alone.robustAccuracy.value).toBeGreaterThan(0.1);
    expect(alone.robustAccuracy.value).toBeLessThan(0.9);
    for (const jobs of [2, 3]) {
      const told: number[] = [];
      const onProgress = (done: number) => told.push(done);
      expect(await scoresOf(data, { ...affine, threads: 1, jobs, onProgress }), `${jobs} jobs`).toEqual(
        alone,
      );
      expect(told.at(-1)).toBe(90 * 3 + 90 * 21);
      expect([...told].sort((a, b) => a - b)).toEqual(told);
    }
  });

  test("of images with what lies around them too, and at drawn points", async () => {
    const around: ImageSource = {
      ...data,
      surround: {
        shape: [1, 32, 32],
        async read(indices, out) {
          const digits = new Float32Array(indices.length * 784);
          await data.read(indices, digits);
          // Something grey around them, which comes into sight.
          out.fill(0.4);
          for (let row = 0; row < indices.length * 28; row++) {
            const [image, y] = [Math.floor(row / 28), row % 28];
            out.set(digits.subarray(28 * row, 28 * row + 28), image * 1024 + (y + 2) * 32 + 2);
          }
        },
      },
    };
    const drawn = { ...silent, transforms: "rotation:-20..20", search: "random", searchDraws: 5 } as const;
    const [black, grey] = [
      await scoresOf(data, { ...drawn, threads: 1 }),
      await scoresOf(around, { ...drawn, threads: 1 }),
    ];
    expect(grey.hardest).not.toEqual(black.hardest);
    expect(await scoresOf(data, { ...drawn, threads: 1, jobs: 2 })).toEqual(black);
    expect(await scoresOf(around, { ...drawn, threads: 1, jobs: 2 })).toEqual(grey);
  });

  test("ends its processes when it is told to stop", async () => {
    const stop = new AbortController();
    const stopped = evaluate(path, data, {
      ...affine,
      grid: [200, 50],
      jobs: 2,
      signal: stop.signal,
      onProgress: (done) => done > 90 * 3 && stop.abort(new Error("enough")),
    });
    await expect(stopped).rejects.toThrow("enough");
    expect(await left()).toEqual([]);
  });

  /** Processes of a search that are there a second from now: none is to begin after the end. */
  async function left(): Promise<readonly number[]> {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return childProcesses(process.pid, "search-process");
  }

  /** The same images, of which the search, and it alone, reads slowly: `before` has the number of its read. */
  function slowly(before: (read: number, out: Float32Array) => void) {
    let reads = 0;
    let isSearching = false;
    const source: ImageSource = {
      ...data,
      async read(indices, out) {
        const read = isSearching ? ++reads : 0;
        await new Promise((resolve) => setTimeout(resolve, 30));
        await data.read(indices, out);
        if (read > 0) before(read, out);
      },
    };
    const onProgress = (done: number) => void (isSearching ||= done >= 90 * 3);
    return { source, onProgress, reads: () => reads };
  }

  test("an image that cannot be read ends the search, and all of its processes", async () => {
    const { source, onProgress, reads } = slowly((read) => {
      if (read === 2) throw new Error("a corrupt picture");
    });
    await expect(evaluate(path, source, { ...affine, jobs: 3, onProgress })).rejects.toThrow(
      "a corrupt picture",
    );
    expect(await left()).toEqual([]);
    expect(reads()).toBeLessThan(8);
  });

  test("who has had enough while images are read ends it too", async () => {
    const stop = new AbortController();
    const { source, onProgress, reads } = slowly((read) => {
      if (read === 2) stop.abort(new Error("enough"));
    });
    const options = { ...affine, jobs: 3, onProgress, signal: stop.signal };
    await expect(evaluate(path, source, options)).rejects.toThrow("enough");
    expect(await left()).toEqual([]);
    expect(reads()).toBeLessThan(8);
  });

  test("logits that are no numbers are an error that names the image, as in one process", async () => {
    const { source, onProgress } = slowly((_, out) => void (out[0] = Infinity));
    await expect(evaluate(path, source, { ...affine, jobs: 2, onProgress })).rejects.toMatchObject({
      name: "NonFiniteError",
      message: expect.stringMatching(/sample \d+ contain/) as string,
    });
    expect(await left()).toEqual([]);
  });

  test("cannot share what is code of this process, or has no points", async () => {
    const refused = (model: Parameters<typeof evaluate>[0], options: EvaluateOptions) =>
      expect(evaluate(model, data, { ...silent, jobs: 2, ...options })).rejects;
    await refused(() => Promise.resolve(new Float32Array(900)), affine).toThrow(
      /which the function cannot be sent to\. Leave jobs out/,
    );
    const own = defineFamily({
      name: "dimmed",
      unit: "",
      options: { factors: [0.5] },
      members: ({ factors }) =>
        Object.fromEntries(
          factors.map((f) => [`dimmed ${f}`, ({ data: pixels }) => pixels.map((v) => f * v)]),
        ),
      range: { of: "factors", neutral: 1 },
    });
    await refused(path, { transforms: own({ range: [0.2, 0.9] }) }).toThrow(
      /"dimmed" is made by functions of this one/,
    );
    await refused(path, { transforms: "rotation:-20..20", search: "gradient" }).toThrow(
      /jobs would change nothing/,
    );
    await refused(path, { sample: undefined, transforms: "rotation" }).toThrow(
      /jobs is of a family with a range/,
    );
  });
});
