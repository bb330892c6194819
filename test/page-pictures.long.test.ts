/** EfficientNet-Lite0 with a head that was trained, under 13 views: in Chromium, in WebAssembly, the answers of Node. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { classifierFile } from "../src/api/classifier-file.ts";
import { datasetFromArrays } from "../src/data/index.ts";
import {
  type Prediction,
  familyFromSpec,
  fit,
  loadBackbone,
  loadClassifier,
  saveClassifier,
} from "../src/index.ts";
import { type Classifier, withNewHead } from "../src/models/index.ts";
import { type PicturePage, openPicturePage } from "./browser/picture-page.ts";
import { type Photograph, fiftyPhotographs } from "./fifty-photographs.ts";
import { launchChromium, noChromium } from "./tools/chromium.ts";

const shifts = { rotation: { degrees: [-30, -20, -10, 10, 20, 30] } };
const more = { union: [shifts, { brightness: {} }, { contrast: {} }] };

/** A head on Lite0's features that tells the photographs by their brightness, as far as it has learnt. */
async function trained(photographs: readonly Photograph[]): Promise<Classifier> {
  const classNames = ["dim", "middling", "bright"];
  const lite = await loadBackbone("efficientnet-lite0");
  const few = photographs.filter(({ name }) => /^turned-\d|png$/.test(name));
  const pixels = await Promise.all(
    few.map(({ bytes }) => sharp(bytes).removeAlpha().resize(224, 224, { fit: "fill" }).raw().toBuffer()),
  );
  const planar = pixels.map((rgb) => {
    const area = rgb.length / 3;
    return Uint8Array.from(rgb, (_, i) => rgb[3 * (i % area) + Math.floor(i / area)]);
  });
  const data = datasetFromArrays({
    name: "photographs",
    shape: [3, 224, 224],
    pixels: new Uint8Array(Buffer.concat(planar)),
    labels: few.map((_, i) => i % 3),
    classNames,
  });
  const { model } = await fit(withNewHead(lite, { classNames, seed: 3 }), data, {
    method: "base",
    epochs: 6,
    batchSize: 8,
    learningRate: 1e-2,
    onNote: () => undefined,
  });
  return {
    ...model,
    pictures: { resize: "crop", cropShare: 0.875, interpolation: "bicubic" },
    temperature: 1.7,
  };
}

describe("Chromium", () => {
  let browser: Browser;
  let there: PicturePage;
  beforeAll(async () => {
    if (noChromium) return;
    browser = await launchChromium({ webgpu: false });
    there = await openPicturePage(browser);
  });
  afterAll(async () => {
    await there?.close();
    await browser?.close();
  });
  beforeEach(({ skip }) => {
    if (noChromium) skip(noChromium);
  });

  // All fifty are decoded as in Node by page-pictures.test.ts.
  test("every fourth of fifty photographs is given Node's name, probabilities and stability", async () => {
    const fifty = await fiftyPhotographs();
    const model: Classifier = { ...(await trained(fifty)), transforms: more };
    const photographs = fifty.filter(({ name }, i) => i % 4 === 0 || /avif|inks/.test(name));
    const views = familyFromSpec(more).members.length - 1;
    expect(views).toBeGreaterThanOrEqual(12);
    const folder = mkdtempSync(join(tmpdir(), "alignreg-"));
    const path = join(folder, "model.onnx");
    await saveClassifier(model, path);
    const node = await loadClassifier(path);
    const expected = await node.predict(
      photographs.map(({ bytes }) => bytes),
      { onNote: () => undefined },
    );
    await node.release();
    rmSync(folder, { recursive: true });
    there.files.set("model.onnx", classifierFile(model));
    for (const { name, bytes } of photographs) there.files.set(name, bytes);
    const names = photographs.map(({ name }) => `files/${name}`);
    const given = await there.page.evaluate<Prediction[]>(
      `(async () => (await alignreg.loadClassifier("files/model.onnx", { ort })).predict(${JSON.stringify(names)}, { onNote() {} }))()`,
    );
    given.forEach((answer, i) => {
      const { name, probabilities, stability } = expected[i];
      expect([names[i], answer.name]).toEqual([names[i], name]);
      // Where decoders differ in pixels by 1 of 255, this head, trained on noise to the last, was off by 2.2e-2 (AVIF) and 1.3e-2 (inks).
      const atol = /avif|inks/.test(names[i]) ? 4e-2 : 1e-4;
      expect(answer.probabilities, names[i]).toBeAllClose(probabilities, { rtol: 0, atol });
      expect(Math.abs(answer.stability! - stability!)).toBeLessThan(1.5 / views);
    });
    expect(new Set(expected.map(({ name }) => name)).size).toBeGreaterThan(1);
    expect(new Set(expected.map(({ stability }) => stability)).size).toBeGreaterThan(1);
  });
});
