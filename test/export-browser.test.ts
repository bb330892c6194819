/** docs/export.md's pages in Chromium: the folder by TensorFlow.js, the zip by Teachable Machine's own library, with Node's answers. */
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { exportedFiles, predict } from "../src/index.ts";
import { type Classifier, cifarCnn, withNewHead } from "../src/models/index.ts";
import { inFolder, openApp, teachablePage, tfjsPage } from "./browser/app-page.ts";
import { launchChromium, noChromium } from "./tools/chromium.ts";

const quiet = { transforms: null, onNote: () => undefined } as const;
const classNames = ["rose", "tulip", "ragged robin", "daisy"];
const net: Classifier = {
  ...withNewHead(cifarCnn({ width: 8, seed: 2 }), { classNames, head: 24, seed: 5 }),
  imageShape: [3, 32, 32],
  pictures: { resize: "crop", cropShare: 0.8 },
};

describe("Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    if (!noChromium) browser = await launchChromium({ webgpu: false });
  });
  afterAll(() => browser?.close());
  beforeEach(({ skip }) => {
    if (noChromium) skip(noChromium);
  });

  const picture = (side: number) =>
    sharp({
      create: {
        width: side,
        height: side,
        channels: 3,
        background: "black",
        noise: { type: "gaussian", mean: 120, sigma: 60 },
      },
    })
      .png()
      .toBuffer();

  test("TensorFlow.js loads the folder, and its answer is Node's", async () => {
    const png = await picture(32);
    const stretched: Classifier = { ...net, pictures: { resize: "stretch" } };
    const answer = await predict(stretched, png, quiet);
    const { files } = exportedFiles(stretched, { to: "tfjs" });
    const app = new Map([["rose.png", png], ...inFolder("flowers-tfjs", files)]);
    const page = await openApp(browser, tfjsPage, app, "cpu");
    expect(await page.title()).toBe(answer.name);
    const given = await page.evaluate<number[]>(
      `tf.tidy(() => [...model.predict(tf.browser.fromPixels(document.querySelector("img")).toFloat().div(255).expandDims()).dataSync()])`,
    );
    expect(given).toBeAllClose(answer.probabilities, { rtol: 0, atol: 1e-5 });
  });

  test("Teachable Machine's library loads the zip, and its answers are Node's", async () => {
    const png = await picture(40);
    const answer = await predict(net, png, quiet);
    const { files } = exportedFiles(net, { to: "teachable-machine" });
    const app = new Map([["rose.png", png], ...inFolder("flowers", files)]);
    const page = await openApp(browser, teachablePage, app, "cpu");
    expect(await page.title()).toBe(answer.name);
    const given = await page.evaluate<{ className: string; probability: number }[]>(
      `model.predict(document.querySelector("img"))`,
    );
    expect(given.map(({ className }) => className)).toEqual(classNames);
    const probabilities = given.map(({ probability }) => probability);
    expect(probabilities).toBeAllClose(answer.probabilities, { rtol: 0, atol: 1e-5 });
  });
});
