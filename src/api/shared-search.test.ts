import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { useCompiledProcesses } from "../../test/tools/compiled-processes.ts";
import { defineFamily } from "../augment/index.ts";
import { type Dataset, type ImageSource, openMnist, take } from "../data/index.ts";
import { type EvaluateOptions, evaluate } from "./index.ts";

const path = join(import.meta.dirname, "../../test/fixtures/evaluate/lenet.onnx");
const silent = { onNote: () => {}, sample: 2 };
const affine = { ...silent, transforms: "affine:rotation=-20..20,x=-1..1", grid: [7, 3] };

useCompiledProcesses();

describe("a search that processes share", () => {
  let data: Dataset;
  beforeAll(async () => {
    data = take(await (await openMnist()).read("test"), 90);
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
    const others = execFileSync("ps", ["-o", "args=", "--ppid", String(process.pid)], { encoding: "utf8" });
    expect(others).not.toMatch(/search-process/);
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
