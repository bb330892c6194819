/** Transforms that come before the crop, in training and in tests: with and without features that are kept. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { smallNet } from "../../test/small-run.ts";
import { rotation, viewOf } from "../augment/index.ts";
import { type Dataset, type ImageSource, datasetFromArrays, sampleCount } from "../data/index.ts";
import { openClassifier } from "../runtime/index.ts";
import { middleReader, random, readBatch } from "../tensor/index.ts";
import { evaluationForm } from "../train/index.ts";
import { type FitOptions, evaluate, fit } from "./index.ts";

/** Random 12×12 pictures, the mean grey level of which tells the class. */
function pictures(count: number, seed: number): Dataset {
  const rng = random(seed, "pictures");
  const labels = Array.from({ length: count }, () => rng.integer(3));
  return datasetFromArrays({
    name: "pictures",
    shape: [1, 12, 12],
    pixels: labels.flatMap((label) => Array.from({ length: 144 }, () => 60 * label + 20 + rng.integer(90))),
    labels,
    classNames: ["dark", "grey", "light"],
  });
}

/** Their middles, 8×8; with what lies around them, or without. */
function middles(whole: Dataset, isSeen: boolean): ImageSource {
  const { name, labels, classNames, hash } = whole;
  const surround: NonNullable<ImageSource["surround"]> = {
    shape: whole.shape,
    read: (indices, out) => whole.read(indices, out),
  };
  const shape = [1, 8, 8] as const;
  return {
    ...{ name, labels, classNames, shape, hash: `${hash} ${isSeen}` },
    read: middleReader(surround, shape),
    ...(isSeen && { surround }),
  };
}

const data = pictures(22, 1);
const quiet = { transforms: rotation({ degrees: [-30, 45] }), threads: 1, onNote: () => undefined };
const options: FitOptions = {
  ...quiet,
  trainable: ["fc*"],
  batchSize: 8,
  epochs: 2,
  seed: 4,
  stepsPerLine: 1,
};

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "alignreg-"))));
afterEach(() => rmSync(folder, { recursive: true }));

test("training sees what lies around images, in memory or not, and on kept features as without them", async () => {
  const run = async (isSeen: boolean, more: FitOptions) => {
    const { history } = await fit(smallNet(), middles(data, isSeen), { ...options, ...more });
    return history.map(({ loss }) => loss);
  };
  const lazy = await run(true, { cache: false, augmentation: "lazy" });
  expect(await run(true, { cache: false, augmentation: "eager" })).toEqual(lazy);
  for (const cache of [folder, folder]) {
    expect(await run(true, { cache })).toBeAllClose(lazy, { atol: 1e-5, rtol: 1e-5 });
    const cut = await run(false, { cache });
    expect(cut).toBeAllClose(await run(false, { cache: false }), { atol: 1e-5, rtol: 1e-5 });
    expect(cut[0]).not.toBeCloseTo(lazy[0], 4);
  }
});

test("draws of crops and mirror images are kept with what lies around them", async () => {
  const kept: FitOptions = { cache: folder, draws: 2, crop: 2, flip: true };
  const [seen, again, cut] = [
    await fit(smallNet(), middles(data, true), { ...options, ...kept }),
    await fit(smallNet(), middles(data, true), { ...options, ...kept }),
    await fit(smallNet(), middles(data, false), { ...options, ...kept }),
  ];
  expect(again.history.map(({ loss }) => loss)).toEqual(seen.history.map(({ loss }) => loss));
  expect(cut.history[0].loss).not.toBeCloseTo(seen.history[0].loss, 4);
});

test("a test sees it too: its logits are those of the views' middles", async () => {
  const source = middles(data, true);
  const plain = await evaluate(smallNet(), source, quiet);
  const { graph, logits } = smallNet();
  const session = await openClassifier(evaluationForm(graph, smallNet().input), { output: logits });
  const all = Array.from({ length: sampleCount(source) }, (_, i) => i);
  const right: number[] = [];
  try {
    const images = await readBatch(source, all);
    for (const member of quiet.transforms.members) {
      const rows = await session.predict({ data: viewOf(member, images), shape: images.shape });
      const answers = all
        .map((i) => rows.subarray(3 * i, 3 * i + 3))
        .map((row) => row.indexOf(Math.max(...row)));
      right.push(answers.filter((answer, i) => answer === source.labels[i]).length / all.length);
    }
  } finally {
    await session.release();
  }
  expect(plain.members.map(({ accuracy }) => accuracy)).toEqual(right);
  const kept = await evaluate(smallNet(), source, { ...quiet, cache: folder });
  expect(kept.members).toEqual(plain.members);
  expect(kept.invarianceScore.value).toBeCloseTo(plain.invarianceScore.value, 5);
  // Clean images are the same with and without; turned ones are not.
  const cut = await evaluate(smallNet(), middles(data, false), quiet);
  expect(cut.cleanAccuracy.value).toBe(plain.cleanAccuracy.value);
  expect(cut.alignmentGap).not.toEqual(plain.alignmentGap);
});
