/** docs/export.md's pages with the files of an app beside them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";

const root = join(import.meta.dirname, "../..");

/** The page for TensorFlow.js, and that for Teachable Machine's library. */
export const [tfjsPage, teachablePage] = [
  ...readFileSync(join(root, "docs/export.md"), "utf8").matchAll(/^```html\n(.*?)^```$/gms),
].map((block) => block[1]);

/** The scripts that the pages load; Teachable Machine's library is built for another TensorFlow.js, and runs on this one. */
const scripts: readonly (readonly [address: RegExp, file: string])[] = [
  [/\/@tensorflow\/tfjs@[\d.]+\/dist\/tf\.min\.js$/, "@tensorflow/tfjs/dist/tf.min.js"],
  [
    /\/@teachablemachine\/image@[\d.]+\/dist\/teachablemachine-image\.min\.js$/,
    "@teachablemachine/image/dist/teachablemachine-image.min.js",
  ],
];

/**
 * Opens a page of the docs, whose picture is rose.png, until it says what is on it: that is its title. Its `model` is a global
 * name then.
 *
 * @param files  what it fetches, by path
 */
export async function openApp(
  browser: Browser,
  html: string,
  files: ReadonlyMap<string, Uint8Array>,
  backend: "cpu" | "webgl",
): Promise<Page> {
  const errors: string[] = [];
  const page = await browser.newPage();
  page.on("pageerror", (error) => errors.push(error.message));
  await page.route("**/*", (route) => {
    const { pathname } = new URL(route.request().url());
    const script = scripts.find(([address]) => address.test(pathname))?.[1];
    if (script !== undefined) {
      const text = readFileSync(join(root, "node_modules", script), "utf8");
      const chosen = script.startsWith("@tensorflow") ? `${text}\n;tf.setBackend("${backend}");` : text;
      return route.fulfill({ body: chosen, contentType: "text/javascript" });
    }
    // Module scripts keep their names to themselves.
    const body = html.replace("document.title =", "window.model = model; document.title =");
    if (pathname === "/") return route.fulfill({ body, contentType: "text/html" });
    const bytes = files.get(pathname.slice(1));
    return bytes ? route.fulfill({ body: Buffer.from(bytes) }) : route.fulfill({ status: 404 });
  });
  await page.goto("http://127.0.0.1/");
  await page.waitForFunction("document.title !== ''", null, { timeout: 120_000 }).catch((error: Error) => {
    throw new Error([error.message, ...errors].join("\n"));
  });
  return page;
}

/** Files in a folder of the app. */
export const inFolder = (folder: string, files: ReadonlyMap<string, Uint8Array>): [string, Uint8Array][] =>
  [...files].map(([name, bytes]) => [`${folder}/${name}`, bytes]);
