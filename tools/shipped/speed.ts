/** How long one image takes a file, in Node and in Chromium. */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import * as native from "onnxruntime-node";
import ts from "typescript";
import { launchChromium, noChromium } from "../../test/tools/chromium.ts";
import { serve } from "../../test/browser/serve.ts";
import { type Form, settings } from "./plan.ts";
import type { Speed } from "./record.ts";
import { timeRuns } from "./time-runs.ts";

const runtime = join(import.meta.dirname, "../../node_modules/onnxruntime-web/dist");
const shape = [1, 3, settings.imageSize, settings.imageSize];
const threads = [1, 2] as const;

const page = `<!doctype html>
<script type="module">
  import { timeRuns } from "./time-runs.js";
  window.time = async (threads, shape, count) => {
    const ort = await import("./ort/ort.wasm.bundle.min.mjs");
    ort.env.wasm.wasmPaths = new URL("./ort/", location.href).href;
    ort.env.wasm.numThreads = threads;
    const model = new Uint8Array(await (await fetch("./model.onnx")).arrayBuffer());
    return timeRuns(ort, model, shape, count, { executionProviders: ["wasm"] });
  };
</script>`;

export async function timedForm(form: Form, path: string): Promise<Speed> {
  const model = await readFile(path);
  const [node, chromium]: [Speed["node"], Speed["chromium"]] = [{}, {}];
  for (const count of threads) {
    const options = { intraOpNumThreads: count, interOpNumThreads: 1 };
    node[count] = summary(await timeRuns(native, model, shape, settings.timed, options));
    // A page for each: the number of threads is fixed by the first session.
    if (!noChromium) chromium[count] = summary(await timedInPage(model, count));
  }
  return { form, node, chromium };
}

async function timedInPage(model: Uint8Array, count: number): Promise<number[]> {
  const served = await serve((path) => {
    const file = basename(path);
    if (path === "/page.html") return Promise.resolve(page);
    if (path === "/model.onnx") return Promise.resolve(model);
    if (path === "/time-runs.js") return script();
    return path === `/ort/${file}` ? readFile(join(runtime, file)) : null;
  });
  const browser = await launchChromium({ webgpu: false });
  try {
    const opened = await browser.newPage();
    opened.setDefaultTimeout(600_000);
    await opened.goto(`${served.url}page.html`);
    await opened.waitForFunction("window.time !== undefined");
    return await opened.evaluate<number[]>(`time(${count}, [${shape.join()}], ${settings.timed})`);
  } finally {
    await browser.close();
    await served.close();
  }
}

async function script(): Promise<string> {
  const text = await readFile(join(import.meta.dirname, "time-runs.ts"), "utf8");
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  return ts.transpileModule(text, { compilerOptions }).outputText;
}

function summary(milliseconds: readonly number[]): { median: number; least: number } {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], least: sorted[0] };
}
