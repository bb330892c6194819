import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { type Rollup, build } from "vite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { evaluate, mnist, rotation, subset } from "../src/index.ts";
import { launchChromium, noChromium } from "./browser/chromium.ts";
import { type Served, serve } from "./browser/serve.ts";

describe("examples/browser", () => {
  let folder: string;
  let built: Rollup.RollupOutput;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "alignreg-page-"));
    built = (await build({
      root: join(import.meta.dirname, "../examples/browser"),
      configFile: false,
      logLevel: "error",
      build: { outDir: folder, target: "es2022", minify: false },
    })) as Rollup.RollupOutput;
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("a bundler takes the library to a page: none of it asks for a module of Node", () => {
    const modules = built.output.flatMap((part) => (part.type === "chunk" ? Object.keys(part.modules) : []));
    expect(modules.filter((id) => id.includes("/src/train/step-graph.ts"))).toHaveLength(1);
    expect(
      modules.filter((id) => id.includes("browser-external") || id.includes("onnxruntime-node")),
    ).toEqual([]);
  });

  describe("in Chromium", () => {
    let served: Served;
    let browser: Browser;
    beforeAll(async () => {
      if (noChromium) return console.warn(`Skipped: ${noChromium}.`);
      served = await serve((path) => readFile(join(folder, path === "/" ? "index.html" : path)));
      browser = await launchChromium();
    });
    afterAll(async () => {
      await browser?.close();
      await served?.close();
    });
    beforeEach(({ skip }) => {
      if (noChromium) skip(noChromium);
    });

    test("trains a LeNet, whose file is worth what the page says", { timeout: 90_000 }, async () => {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(`${served.url}index.html?steps=60`);
      await Promise.race([page.waitForSelector("a", { timeout: 60_000 }), page.waitForEvent("pageerror")]);
      expect(errors).toEqual([]);
      const text = (await page.textContent("#log"))!;
      const losses = [...text.matchAll(/loss (\d+\.\d+)/g)].map((match) => Number(match[1]));
      expect(losses).toHaveLength(6);
      expect(losses[5]).toBeLessThan(0.8 * losses[0]);

      const bytes = await page.evaluate<number[]>(
        `fetch(document.querySelector("a").href).then(async (r) => [...new Uint8Array(await r.arrayBuffer())])`,
      );
      const { test: digits } = await mnist();
      const last = subset(
        digits,
        Uint32Array.from({ length: 1000 }, (_, i) => 9000 + i),
        "the last 1000",
      );
      const { cleanAccuracy } = await evaluate(Uint8Array.from(bytes), last, { transforms: rotation() });
      const right = Number(/(\d+) of 1000/.exec(text)![1]);
      expect(right).toBeGreaterThan(500);
      expect(1000 * cleanAccuracy.value).toBeCloseTo(right, 5);
    });
  });
});
