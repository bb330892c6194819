/** A picture in Chromium has the pixels that it has in Node, and is given the same answer. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { classifierFile } from "../src/api/classifier-file.ts";
import { type Prediction, loadClassifier } from "../src/index.ts";
import { decodeImage, readImageHeader } from "../src/data/image-file.ts";
import type { DecodeSettings } from "../src/data/decode-settings.ts";
import { type PicturePage, openPicturePage } from "./browser/picture-page.ts";
import { type Classifier, cifarCnn, withNewHead } from "../src/models/index.ts";
import { fiftyPhotographs } from "./fifty-photographs.ts";
import { launchChromium, noChromium } from "./tools/chromium.ts";

const kinds = join(import.meta.dirname, "fixtures/picture-kinds");
const kindNames = readdirSync(kinds).filter((name) => !/\.(json|tif|heic)$/.test(name));

const classNames = ["rose", "tulip", "ragged robin", "daisy", "sunflower", "poppy"];

/** Nothing that it says is of use, and all of it depends on each pixel. */
const net: Classifier = {
  ...withNewHead(cifarCnn({ width: 8, seed: 2 }), { classNames, head: 24, seed: 5 }),
  imageShape: [3, 32, 32],
  pictures: { resize: "crop", cropShare: 0.8, interpolation: "bicubic" },
  temperature: 0.2,
  transforms: { rotation: { degrees: [-30, -15, 15, 30] } },
};

const asStored = { resize: "stretch", cropShare: 1, interpolation: "bilinear" } as const;

/** By which the bytes of two decoders may differ. */
const tolerance = (name: string): number => {
  if (name.endsWith(".avif")) return 2;
  // Inks become colours by another rounding of the same formula.
  return /cmyk|inks/.test(name) ? 1 : 0;
};

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

  /** Asks the page about a picture, an expression that may use `file`, a File of these bytes. */
  async function worstOff(
    name: string,
    bytes: Uint8Array,
    { exif = "apply", picture = "file" }: { exif?: "apply" | "ignore"; picture?: string } = {},
  ): Promise<number> {
    const { height, width } = await readImageHeader(name, bytes, exif);
    const settings: DecodeSettings = { ...asStored, exif, channels: 3, height, width };
    there.files.set(name, bytes);
    there.files.set("expected", await decodeImage(name, bytes, settings));
    return there.page.evaluate<number>(
      `(async () => {
        const blob = await (await fetch("files/${name}")).blob();
        const file = new File([blob], "${name}", { type: "image/jpeg" });
        return worstOff(${picture}, "files/expected", ${JSON.stringify({ exif, channels: 3 })});
      })()`,
    );
  }

  test("the fifty photographs, byte for byte; AVIF and inks nearly so", async () => {
    for (const { name, bytes } of await fiftyPhotographs()) {
      expect([name, await worstOff(name, bytes)]).toEqual([name, expect.toBeOneOf(upTo(tolerance(name)))]);
    }
  });

  test.each(["apply", "ignore"] as const)("files of each kind, with EXIF to %s", async (exif) => {
    for (const name of kindNames) {
      const off = await worstOff(name, new Uint8Array(readFileSync(join(kinds, name))), { exif });
      expect([name, off]).toEqual([name, expect.toBeOneOf(upTo(tolerance(name)))]);
    }
  });

  /** What an expression gives in the page, in which `classifier` is `net`, `one` a File, and `all` a list of them. */
  async function asked<Answer>(expression: string): Promise<Answer> {
    return there.page.evaluate<Answer>(
      `(async () => {
        const classifier = (globalThis.classifier ??= await alignreg.loadClassifier("files/net.onnx", { ort }));
        return ${expression};
      })()`,
    );
  }

  test("fifty photographs are given the names, probabilities and stabilities that Node gives", async () => {
    const photographs = await fiftyPhotographs();
    const file = classifierFile(net);
    const node = await loadClassifier(file);
    const expected = await node.predict(
      photographs.map(({ bytes }) => bytes),
      { onNote: () => undefined },
    );
    there.files.set("net.onnx", file);
    for (const { name, bytes } of photographs) there.files.set(name, bytes);
    const names = photographs.map(({ name }) => `files/${name}`);
    const given = await asked<Prediction[]>(
      `await classifier.predict(${JSON.stringify(names)}, { onNote() {} })`,
    );
    const views = 4;
    given.forEach((answer, i) => {
      const { name, probabilities, stability } = expected[i];
      expect([names[i], answer.name]).toEqual([names[i], name]);
      const atol = tolerance(names[i]) === 0 ? 1e-5 : 1e-3;
      expect(answer.probabilities).toBeAllClose(probabilities, { rtol: 0, atol });
      expect(Math.abs(answer.stability! - stability!)).toBeLessThan(1.5 / views);
    });
    expect(new Set(expected.map(({ name }) => name)).size).toBeGreaterThan(1);
    expect(new Set(expected.map(({ stability }) => stability)).size).toBeGreaterThan(1);
    await node.release();
  });
});

const upTo = (most: number): number[] => Array.from({ length: most + 1 }, (_, i) => i);
