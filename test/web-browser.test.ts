import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import * as native from "onnxruntime-node";
import type { Browser, Page } from "playwright-core";
import ts from "typescript";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchChromium, noChromium } from "./tools/chromium.ts";
import { type StepsRun, runSteps } from "./browser/run-steps.ts";
import { type Served, serve } from "./browser/serve.ts";
import { type StepCase, stepCase, stepCaseNames } from "./browser/step-cases.ts";

const FOLDER = join(import.meta.dirname, "browser");
const RUNTIME = join(import.meta.dirname, "../node_modules/onnxruntime-web/dist");

let current: StepCase;

/** The page, its script, the web's ONNX Runtime, and the steps of the test that is running. */
function routes(path: string): Promise<Uint8Array | string> | null {
  const file = basename(path);
  if (path === "/page.html") return readFile(join(FOLDER, file));
  if (path === "/run-steps.js") return script(join(FOLDER, "run-steps.ts"));
  if (path === "/step.onnx") return Promise.resolve(current.step.model);
  if (path === "/feeds.json") return Promise.resolve(JSON.stringify(current.feeds));
  return path === `/ort/${file}` ? readFile(join(RUNTIME, file)) : null;
}

async function script(path: string): Promise<string> {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  return ts.transpileModule(await readFile(path, "utf8"), { compilerOptions }).outputText;
}

describe("Chromium", () => {
  let served: Served;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    if (noChromium) return;
    served = await serve(routes);
    browser = await launchChromium();
  });
  beforeEach(async ({ skip }) => {
    if (noChromium) skip(noChromium);
    page = await browser.newPage();
    await page.goto(`${served.url}page.html`);
  });
  afterEach(() => page?.close());
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  const takeSteps = (runtime: { bundle: string; provider: string; threads: number }) =>
    page.evaluate<StepsRun>(`takeSteps(${JSON.stringify(runtime)})`);

  test.each(stepCaseNames)("%s: WebAssembly takes the same ten steps as the native runtime", async (name) => {
    current = stepCase(name);
    const there = await takeSteps({ bundle: "ort.wasm.bundle.min.mjs", provider: "wasm", threads: 2 });
    const here = await runSteps(native, current.step.model, current.feeds, {});
    expect(there.losses).toHaveLength(10);
    expect(there.losses).toBeAllClose(here.losses, { rtol: 1e-4 });
  });

  // A small batch and few steps: the adapter is a processor that makes believe to be a graphics card. By hand, all of
  // the cases agree so, to 3e-7; compiling their shaders would take a minute.
  test(
    "LeNet, rwa: WebGPU takes the same steps as the native runtime",
    { timeout: 120_000 },
    async ({ skip }) => {
      const reason = await page.evaluate<string | null>("whyNoWebgpu()");
      if (reason) skip(`no WebGPU: in this Chromium ${reason}`);
      const options = { batchSize: 2, steps: 4 };
      current = stepCase("LeNet, rwa", { ...options, provider: "webgpu" });
      const there = await takeSteps({ bundle: "ort.webgpu.bundle.min.mjs", provider: "webgpu", threads: 1 });
      const plain = stepCase("LeNet, rwa", options);
      const here = await runSteps(native, plain.step.model, plain.feeds, {});
      expect(there.losses).toHaveLength(4);
      expect(there.losses).toBeAllClose(here.losses, { rtol: 1e-4 });
    },
  );
});
