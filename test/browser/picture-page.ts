/** A page that has `alignreg/browser`, ONNX Runtime and files. */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { type Rollup, build } from "vite";
import { type Served, serve } from "./serve.ts";

const runtime = join(import.meta.dirname, "../../node_modules/onnxruntime-web/dist");

/** The package as one script, which leaves `alignreg` and the like as global names. */
async function script(): Promise<string> {
  const { output } = (await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      target: "es2022",
      rollupOptions: {
        input: join(import.meta.dirname, "page-entry.ts"),
        preserveEntrySignatures: "exports-only",
      },
    },
  })) as Rollup.RollupOutput;
  return output[0].code;
}

const html = `<!doctype html>
<title>Pictures</title>
<script type="module">
  import * as ort from "./ort/ort.wasm.bundle.min.mjs";
  ort.env.wasm.wasmPaths = new URL("./ort/", location.href).href;
  ort.env.wasm.numThreads = 1;
  window.ort = ort;
  await import("./alignreg.js");
  document.title = "ready";
</script>`;

export interface PicturePage {
  readonly page: Page;
  /** Where its files lie, by name, behind "files/". */
  readonly files: Map<string, Uint8Array>;
  readonly url: string;
  close(): Promise<void>;
}

export async function openPicturePage(browser: Browser): Promise<PicturePage> {
  const files = new Map<string, Uint8Array>();
  const built = await script();
  const served: Served = await serve((path) => {
    if (path === "/page.html") return Promise.resolve(html);
    if (path === "/alignreg.js") return Promise.resolve(built);
    if (path === `/ort/${basename(path)}`) return readFile(join(runtime, basename(path)));
    const file = files.get(decodeURIComponent(path.replace(/^\/files\//, "")));
    return file ? Promise.resolve(file) : null;
  });
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(`${served.url}page.html`);
  await page.waitForFunction(`document.title === "ready"`).catch((error: Error) => {
    throw new Error([error.message, ...errors].join("\n"));
  });
  return {
    page,
    files,
    url: served.url,
    async close() {
      await page.close();
      await served.close();
    },
  };
}
