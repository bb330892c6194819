import { readFileSync } from "node:fs";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { greyFile } from "../../test/small-classifier.ts";
import { buildClassifier } from "../models/index.ts";
import { random } from "../tensor/index.ts";
import { fit, loadClassifier, predict } from "./index.ts";
import { data, options, smallNet } from "../../test/small-run.ts";

const quiet = { onNote: () => undefined };
const model = greyFile(
  { channels: 3, size: 16 },
  { "alignreg.classNames": '["dark","grey","light"]', "alignreg.imageShape": "[3,16,16]" },
);
const classifier = await loadClassifier(model);
afterAll(() => classifier.release());

const [width, height] = [37, 21];
const rng = random(0, "a picture");
const rgba = Uint8ClampedArray.from({ length: 4 * width * height }, () => 40 + rng.integer(180));
const png = new Uint8Array(
  await sharp(rgba, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer(),
);

test("a file's bytes and its pixels get the same answer", async () => {
  const ofBytes = await classifier.predict(png, quiet);
  const ofPixels = await classifier.predict({ data: rgba, width, height }, quiet);
  expect(ofPixels).toEqual(ofBytes);
  expect(ofBytes).toMatchObject({ name: expect.any(String) as string, stability: 1 });
  expect(ofBytes.probabilities.reduce((sum, p) => sum + p)).toBeCloseTo(1, 12);
  expect(ofBytes.probability).toBe(Math.max(...ofBytes.probabilities));
  expect(await predict(model, [png, { data: rgba, width, height }], quiet)).toEqual([ofBytes, ofBytes]);
});

test("other options open the model anew, and so does a release", async () => {
  const first = await classifier.predict(png, quiet);
  const plain = await classifier.predict(png, { transforms: null, ...quiet });
  expect(plain).toEqual({ ...first, stability: null });
  await classifier.release();
  expect(await classifier.predict(png, quiet)).toEqual(first);
});

test("calls at once are answered one by one", async () => {
  const answers = await Promise.all([0, 1, 2].map(() => classifier.predict(png, quiet)));
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
});

test("a copy of a loaded classifier is data alone, which predict takes", async () => {
  const copy = { ...classifier };
  expect(Object.keys(copy)).not.toContain("predict");
  expect(await predict(copy, png, quiet)).toEqual(await classifier.predict(png, quiet));
});

test("what fit trained says for which shifts", async () => {
  const { model: trained } = await fit(smallNet(), data, {
    ...options,
    ...quiet,
    transforms: "rotation:45,90",
  });
  expect(trained.transforms).toEqual({
    rotation: { degrees: [45, 90], fill: "zero", interpolation: "bilinear" },
  });
  const notes: string[] = [];
  const { stability } = await predict(trained, png, { onNote: (note) => notes.push(note) });
  expect([0, 0.5, 1]).toContain(stability);
  expect(notes.join()).not.toContain("for which shifts");
});

test("a picture whose logits are not finite is named", async () => {
  const infinite = buildClassifier("log", [3, 4, 4], (g, images) =>
    g.op1("Log", [g.op1("Flatten", [g.op1("GlobalAveragePool", [g.mul(images, g.scalar(0))])], { axis: 1 })]),
  );
  await expect(predict(infinite, png, { transforms: null, batchSize: 1, ...quiet })).rejects.toThrow(
    /gives -Infinity for picture 1 under "identity"/,
  );
});

test("an abort ends it with its reason", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(predict(model, png, { signal, ...quiet })).rejects.toThrow("enough");
});

test("what is no picture is refused", async () => {
  const wrong = [
    [readFileSync, /takes the path of an image file, its bytes, or an ImageData as its picture/],
    [png.buffer, /Give new Uint8Array\(buffer\)/],
    [{ data: rgba, width, height: height + 1 }, /has 4 bytes each.*37×22 pixels/],
    [{ data: [0, 0, 0, 0], width: 1, height: 1 }, /has 4 bytes each/],
    ["", /an image file/],
  ] as const;
  for (const [picture, tells] of wrong) await expect(predict(model, picture as never)).rejects.toThrow(tells);
  await expect(predict(model, [png, 7] as never)).rejects.toThrow(/picture 2/);
  await expect(predict(model, png, { transform: "rotation" } as never)).rejects.toThrow(/transforms/);
});
