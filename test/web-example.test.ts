/** The page of examples/browser by its documented commands: in Vite's development server, and built. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { evaluate, mnist, rotation, subset } from "../src/index.ts";
import { launchChromium, noChromium } from "./tools/chromium.ts";
import { type Serving, runVite, serveVite } from "./browser/vite-process.ts";

describe("examples/browser", () => {
  let browser: Browser;
  let server: Serving;
  /** The built page, which loads in a fraction of the time. */
  let built: Serving;
  let folder: string;
  let page: Page;
  /** Errors that nobody caught, and what the console was told of. */
  let errors: string[];

  beforeAll(async () => {
    if (noChromium) return;
    browser = await launchChromium();
    server = await serveVite("examples/browser");
    folder = await mkdtemp(join(tmpdir(), "alignreg-page-"));
    await runVite("build", "examples/browser", "--outDir", folder, "--logLevel", "error");
    built = await serveVite("preview", "examples/browser", "--outDir", folder);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await built?.close();
    if (folder) await rm(folder, { recursive: true });
  });
  beforeEach(({ skip }) => {
    if (noChromium) skip(noChromium);
  });

  async function open(url: string): Promise<void> {
    page = await browser.newPage();
    errors = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(url);
    await page.waitForSelector("#start:enabled");
  }
  async function start(steps: number): Promise<void> {
    await page.fill("[name=steps]", String(steps));
    await page.click("#start");
  }
  const ended = () => page.waitForSelector("#start:enabled", { timeout: 60_000 });
  const textOf = (selector: string) => page.innerText(selector);
  const score = async (name: string, column: number) =>
    parseFloat(await textOf(`[data-score=${name}] td:nth-of-type(${column})`)) / 100;

  test(
    "npx vite examples/browser: trains a LeNet, whose file is worth what the page says",
    { timeout: 120_000 },
    async () => {
      await open(server.url);
      await start(60);
      await ended();
      expect(errors).toEqual([]);
      expect(await textOf("#status")).toBe("Trained for 60 steps.");
      expect(await page.isHidden("#error")).toBe(true);

      const clean = await score("cleanAccuracy", 2);
      expect(clean).toBeGreaterThan(0.5);
      expect(clean).toBeGreaterThan(await score("cleanAccuracy", 1));
      const waiting = page.waitForEvent("download");
      await page.click("#download");
      const download = await waiting;
      expect(download.suggestedFilename()).toBe("model.onnx");
      const file = await readFile(await download.path());
      const { test: digits } = await mnist();
      const tested = Uint32Array.from({ length: 1000 }, (_, i) => 4000 + i);
      const notes: string[] = [];
      const scores = await evaluate(file, subset(digits, tested, "the page's test digits"), {
        transforms: rotation(),
        onNote: (note) => notes.push(note),
      });
      // The file says what its classes are and what it takes.
      expect(notes).toEqual([]);
      expect(scores.cleanAccuracy.value).toBeCloseTo(clean, 5);
      expect(scores.robustAccuracy.value).toBeCloseTo(await score("robustAccuracy", 2), 5);

      // A digit is drawn under each rotation, and the answers to it stand below.
      const drawn = `[...document.querySelectorAll("#digit canvas")].map((canvas) => canvas.toDataURL())`;
      expect(new Set(await page.evaluate<string[]>(drawn)).size).toBe(5);
      expect(await page.locator("#digit [data-when=after] :is(.right, .wrong)").count()).toBe(5);
      const first = await page.evaluate<string[]>(drawn);
      await page.click("#next");
      expect(await page.evaluate<string[]>(drawn)).not.toEqual(first);
    },
  );

  test(
    "npx vite build examples/browser: the built page trains, and stops when it is told to",
    { timeout: 120_000 },
    async () => {
      await open(built.url);
      await start(10_000);
      await page.waitForFunction(`/Step [3-9]/.test(document.querySelector("#status").textContent)`);
      await page.click("#stop");
      await ended();
      expect(errors).toEqual([]);
      const steps = Number(/^Trained for (\d+) steps/.exec(await textOf("#status"))?.[1]);
      expect(steps).toBeGreaterThan(2);
      expect(steps).toBeLessThan(10_000);
      expect(await page.isVisible("#download")).toBe(true);
    },
  );

  test("a file of digits that is not there, or not what it should be, is an error on the page", async () => {
    const octets = "application/octet-stream";
    const answers = [
      [{ status: 404 }, /mnist-images\.bin cannot be fetched: 404/],
      [{ contentType: "text/html", body: "<!doctype html>" }, /was answered as text\/html/],
      [{ contentType: octets, body: "<!doctype html>" }, /mnist-images\.bin is not an IDX file/],
      [{ contentType: octets, body: "\0\0\x08\x03\0\0" }, /mnist-images\.bin ends in its header/],
      [null, /cannot be fetched\. Is the server of this page still running\?/],
    ] as const;
    await open(built.url);
    for (const [answer, message] of answers) {
      await page.route("**/mnist-images.bin", (route) => (answer ? route.fulfill(answer) : route.abort()), {
        times: 1,
      });
      await start(1);
      await page.waitForSelector("#error:visible");
      await ended();
      expect(await textOf("#error")).toMatch(message);
      expect(await page.isHidden("#download")).toBe(true);
    }
  });

  test("where there is no WebGPU the page says so, and what to choose", async () => {
    const plain = await launchChromium({ webgpu: false });
    try {
      page = await plain.newPage();
      await page.goto(built.url);
      await page.selectOption("[name=provider]", "webgpu");
      await start(1);
      await page.waitForSelector("#error:visible");
      expect(await textOf("#error")).toContain("Choose WebAssembly");
    } finally {
      await plain.close();
    }
  });
});
