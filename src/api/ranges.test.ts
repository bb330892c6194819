import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { data as small, options, smallNet, weightsOf } from "../../test/small-run.ts";
import { affine, gridPoints, identity, memberNamed, rotation } from "../augment/index.ts";
import { type Dataset, openMnist, take } from "../data/index.ts";
import { correctUnderAll, correctness, predictMembers } from "../evaluate/index.ts";
import { openClassifier } from "../runtime/index.ts";
import { type FitOptions, evaluate, fit } from "./index.ts";

const path = join(import.meta.dirname, "../../test/fixtures/evaluate/lenet.onnx");

describe("a test under a range", () => {
  let data: Dataset;
  beforeAll(async () => {
    data = take(await (await openMnist()).read("test"), 80);
  });
  const family = affine({ rotation: [-20, 20], x: [-1, 1] });
  const silent = { onNote: () => {} };

  test("is right about the same images as the whole grid, whatever the batch", async () => {
    const { ranges } = family;
    const grid = gridPoints(ranges, [5, 3]);
    const session = await openClassifier(readFileSync(path));
    const members = [identity, ...grid.map((point) => ranges.at(point))];
    const { logits, classes } = await predictMembers((images) => session.predict(images), data, { members });
    await session.release();
    const right = correctUnderAll(logits.map((rows) => correctness(rows, data.labels, classes)));
    const share = right.reduce((sum, each) => sum + each, 0) / 80;
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.9);
    for (const batchSize of [13, 500]) {
      const scores = await evaluate(path, data, {
        ...silent,
        transforms: family,
        grid: [5, 3],
        batchSize,
        sample: 4,
      });
      expect(scores.robustAccuracy.value).toBe(share);
      expect(scores.search).toMatchObject({ kind: "grid", points: 15, sample: 4 });
      expect(scores.search!.parameters).toEqual([
        { name: "rotation", low: -20, high: 20, values: 5 },
        { name: "x", low: -1, high: 1, values: 3 },
      ]);
      expect(scores.search!.views).toBeLessThan(80 * 15);
      // The worst case of the classes is that of the search.
      const found = scores.perClass.classes.reduce(
        (sum, { images, worstCase }) => sum + images * (worstCase.recall?.value ?? 0),
        0,
      );
      expect(found / 80).toBeCloseTo(share, 12);
      expect(scores.hardest.broken.some(({ member }) => /^rotation -?\d+°, x -?[01] px$/.test(member))).toBe(
        true,
      );
      expect(scores.members).toHaveLength(5);
      expect(scores.manifest.config.transforms).toMatchObject({ ranges: { draws: 10 } });
    }
  });

  test("at given points, and at drawn ones, which follow from the seed", async () => {
    const given = await evaluate(path, data, { ...silent, transforms: family, points: [[20, 1]] });
    const finite = await evaluate(path, data, {
      ...silent,
      transforms: { ...family, ranges: undefined, members: [identity, family.ranges.at([20, 1])] },
    });
    expect(given.robustAccuracy).toEqual(finite.robustAccuracy);
    expect(given.hardest).toEqual(finite.hardest);
    const drawn = { ...silent, transforms: "rotation:-20..20", search: "random", searchDraws: 6 } as const;
    const [first, again] = [await evaluate(path, data, drawn), await evaluate(path, data, drawn)];
    expect(first.search).toMatchObject({ kind: "random", points: 6 });
    expect(again.search).toEqual(first.search);
    expect(again.robustAccuracy).toEqual(first.robustAccuracy);
    expect(first.notes.join(" ")).toMatch(
      /6 drawn points \(rotation -20 to 20\): \d+ of 480 views were predicted/,
    );
    expect(first.notes.join(" ")).toMatch(/All other scores of shifts are of 10 points/);
  });

  test.each(["zero", "reflect"] as const)(
    "by gradients with %s outside: what it finds broken, members break",
    async (fill) => {
      const few = take(data, 40);
      const filled = affine({ rotation: [-20, 20], x: [-1, 1], fill });
      const found = await evaluate(path, few, {
        ...silent,
        transforms: filled,
        search: "gradient",
        searchStarts: 3,
        searchSteps: 3,
        sample: 1,
      });
      expect(found.search).toMatchObject({
        kind: "gradient",
        points: 12,
        gradient: { starts: 3, steps: 3, stepSize: 0.3 },
      });
      const { views, gradient } = found.search!;
      expect(views).toBeLessThan(40 * 12);
      expect(gradient!.gradients).toBeLessThan(views);
      expect(found.robustAccuracy.value).toBeLessThan(found.cleanAccuracy.value);
      expect(found.manifest.config).toMatchObject({
        search: "gradient",
        searchStarts: 3,
        searchStepSize: null,
      });
      expect(found.notes.join(" ")).toMatch(
        /12 points an image at most, 3 steps uphill from each of 3 drawn ones/,
      );
      const broken = found.hardest.broken.filter(({ member }) => member !== "identity");
      expect(broken.length).toBeGreaterThan(5);
      const session = await openClassifier(readFileSync(path));
      for (const { index, member, margin } of broken) {
        const image = new Float32Array(784);
        await few.read([index], image);
        const view = memberNamed(filled, member)!.apply({ data: image, shape: [1, 1, 28, 28] });
        const logits = Array.from(await session.predict({ data: view, shape: [1, 1, 28, 28] }));
        const own = logits[data.labels[index]];
        const others = logits.filter((_, k) => k !== data.labels[index]);
        expect(own - Math.max(...others)).toBeCloseTo(margin, 4);
      }
      await session.release();
    },
  );

  test("gradients need a graph, and members that are warps", async () => {
    const gradient = { ...silent, transforms: family, search: "gradient" } as const;
    await expect(evaluate(() => Promise.resolve(new Float32Array(800)), data, gradient)).rejects.toThrow(
      /needs the graph of the model, and the function gives none/,
    );
    for (const [transforms, message] of [
      ["contrast:0.2..0.9", /follows bilinear affine warps, and the range of contrast is of others/],
      [
        "rotation:-20..20,nearest",
        /range of rotation has the interpolation "nearest". Leave interpolation out/,
      ],
      ["affine:x=-2..2,bicubic", /range of x has the interpolation "bicubic". Leave interpolation out/],
    ] as const) {
      await expect(evaluate(path, data, { ...gradient, transforms })).rejects.toThrow(message);
    }
  });

  test("progress goes on through the search", async () => {
    const told: [number, number][] = [];
    const onProgress = (done: number, total: number) => told.push([done, total]);
    await evaluate(path, data, {
      ...silent,
      transforms: "rotation:-20..20",
      grid: [3],
      sample: 1,
      onProgress,
    });
    const total = 80 * 2 + 80 * 3;
    expect(told.every(([, of]) => of === total)).toBe(true);
    expect(told.at(-1)).toEqual([total, total]);
  });

  test.each([
    [{ transforms: rotation(), grid: [5] }, /grid is of a family with a range/],
    [{ grid: [5], search: "random" }, /grid would change nothing/],
    [{ searchDraws: 5 }, /searchDraws would change nothing.*--search random/],
    [{ points: [[1, 2]], search: "grid" }, /search would change nothing/],
    [{ searchSteps: 5 }, /searchSteps would change nothing.*--search gradient/],
    [{ search: "gradient", searchDraws: 5 }, /searchDraws would change nothing, as what gradients lead to/],
    [{ search: "gradient", searchStepSize: 0 }, /a number above 0/],
    [{ search: "gradient", searchStarts: 1e6 }, /are allowed/],
    [{ points: [[1, 2, 3]] }, /Point 0 is/],
    [{ grid: [5, 5, 5] }, /does not go with the parameters rotation, x/],
    [{ grid: [0, 5] }, /a list of numbers of at least 1/],
    [{ sample: 0 }, /whole number of at least 1/],
    [{ cache: "features" }, /cache keeps features of views that stay the same/],
    [{ search: "gird" }, /Unknown search "gird"/],
  ])("%o is refused", async (changes, message) => {
    await expect(
      evaluate(path, data, { ...silent, transforms: family, ...changes } as never),
    ).rejects.toThrow(message);
  });
});

describe("training on a range", () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "alignreg-"))));
  afterAll(() => rmSync(folder, { recursive: true }));
  const ranged = { ...options, transforms: affine({ rotation: [-20, 20], x: [-1, 1], draws: 3 }), epochs: 2 };

  test.each(["rwa", "vwa", "va"] as const)("%s draws anew, and goes on in the same bits", async (method) => {
    const all: FitOptions = { ...ranged, method };
    const unbroken = await fit(smallNet(), small, all);
    const saved: FitOptions = {
      ...all,
      checkpoint: join(folder, `${method}.onnx`),
      checkpointSeconds: 0,
      resume: true,
    };
    const stopped = fit(smallNet(), small, {
      ...saved,
      onProgress: ({ step }) => {
        if (step === 4) throw new Error("stopped");
      },
    });
    await expect(stopped).rejects.toThrow("stopped");
    const weights = weightsOf(unbroken.model);
    expect(weightsOf((await fit(smallNet(), small, saved)).model)).toEqual(weights);
    const other = { ...all, transforms: affine({ rotation: [-20, 21], x: [-1, 1], draws: 3 }) };
    expect(weightsOf((await fit(smallNet(), small, other)).model)).not.toEqual(weights);
    await expect(
      fit(smallNet(), small, { ...saved, ...other, checkpoint: saved.checkpoint }),
    ).rejects.toThrow(/belongs to another run \(transforms/);
  });

  test("the model says the range that it was trained on, and the manifest does", async () => {
    const { model, manifest, notes } = await fit(smallNet(), small, {
      ...ranged,
      epochs: 1,
      validation: small,
    });
    expect(model.transforms).toEqual({
      affine: { rotation: [-20, 20], x: [-1, 1], fill: "zero", interpolation: "bilinear", draws: 3 },
    });
    expect(manifest.config.transforms).toMatchObject({
      ranges: { draws: 3, parameters: [{ name: "rotation", low: -20, high: 20 }, { name: "x" }] },
    });
    expect(notes).toContain(
      "In each step 3 views of each image are drawn from rotation -20 to 20, x -1 to 1.",
    );
    expect(notes.join(" ")).toContain("Validation is under 3 fixed draws of affine");
  });

  test.each([
    [{ selection: "batch" }, /selection "batch" takes one member for all images/],
    [{ compat: "alignreg-1.0" }, /Leave selection and compat out/],
    [{ augmentation: "eager" }, /augmentation "eager" keeps views that never change/],
    [{ cache: true }, /cache is of features of views that stay the same/],
    [{ draws: 3 }, /draws is of features.*rotation:-30..30,draws=10/],
  ])("%o is refused", async (changes, message) => {
    await expect(fit(smallNet(), small, { ...ranged, ...changes } as never)).rejects.toThrow(message);
  });
});
