/** A page that takes steps on the web's ONNX Runtime, and what it is served. */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import ts from "typescript";
import { launchChromium } from "../tools/chromium.ts";
import type { StepsRun } from "./run-steps.ts";
import { type Served, serve } from "./serve.ts";
import type { StepCase } from "./step-cases.ts";

const RUNTIME = join(import.meta.dirname, "../../node_modules/onnxruntime-web/dist");

export class StepsPage {
  /** The case whose step and feeds the page gets. */
  current: StepCase | null = null;

  private constructor(
    private readonly browser: Browser,
    private readonly served: Served,
    readonly page: Page,
  ) {}

  static async open(): Promise<StepsPage> {
    let opened: StepsPage | null = null;
    const served = await serve((path) => routes(path, opened!.current));
    const browser = await launchChromium();
    opened = new StepsPage(browser, served, await browser.newPage());
    await opened.page.goto(`${served.url}page.html`);
    return opened;
  }

  takeSteps(
    stepCase: StepCase,
    runtime: { bundle: string; provider: string; threads: number },
  ): Promise<StepsRun> {
    this.current = stepCase;
    return this.page.evaluate<StepsRun>(`takeSteps(${JSON.stringify(runtime)})`);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.served.close();
  }
}

/** The page, its script, the web's ONNX Runtime, and the steps of the test that is running. */
function routes(path: string, current: StepCase | null): Promise<Uint8Array | string> | null {
  const file = basename(path);
  if (path === "/page.html") return readFile(join(import.meta.dirname, file));
  if (path === "/run-steps.js") return script(join(import.meta.dirname, "run-steps.ts"));
  if (path === "/step.onnx") return Promise.resolve(current!.step.model);
  if (path === "/feeds.json") return Promise.resolve(JSON.stringify(current!.feeds));
  return path === `/ort/${file}` ? readFile(join(RUNTIME, file)) : null;
}

async function script(path: string): Promise<string> {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  return ts.transpileModule(await readFile(path, "utf8"), { compilerOptions }).outputText;
}
