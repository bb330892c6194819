/** A card's page in Chromium, as it stands there: the probabilities of `predict`. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { cardFolder, expected, kinds, photographFiles, pixelNet, worst } from "./card-case.ts";
import { launchChromium, noChromium } from "./tools/chromium.ts";

const root = mkdtempSync(join(tmpdir(), "alignreg-card-page-"));
let browser: Browser;
let photographs: Awaited<ReturnType<typeof photographFiles>>;
beforeAll(async () => {
  if (noChromium) return;
  browser = await launchChromium({ webgpu: false });
  photographs = await photographFiles(join(root, "photographs"));
});
afterAll(async () => {
  await browser?.close();
  rmSync(root, { recursive: true });
});
beforeEach(({ skip }) => {
  if (noChromium) skip(noChromium);
});

/** What a page sees of these is not what files hold: the card says so. */
const others = /xmp|inks|transparent|^turned\.webp$|\.avif$/;

test.each([
  ["colour, cropped, of strange names", 50],
  ["blue first, padded, of two classes by one sigmoid", 12],
])("%s", async (name, most) => {
  const folder = join(root, name.slice(0, 5));
  await cardFolder(folder, pixelNet(kinds[name]));
  const asked = photographs.filter((photograph) => !others.test(photograph.name)).slice(0, most);
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  await page.route("**/*", (route) => {
    const { hostname, pathname } = new URL(route.request().url());
    const path =
      hostname === "127.0.0.1"
        ? join(
            pathname.startsWith("/photographs/") ? root : folder,
            pathname === "/" ? "classify.html" : pathname,
          )
        : join("node_modules", pathname.replace(/^\/npm\//, "").replace(/@[\d.]+/, ""));
    const types = { html: "text/html", mjs: "text/javascript", wasm: "application/wasm" } as const;
    const contentType = types[path.split(".").at(-1) as keyof typeof types];
    // Module scripts keep their names to themselves.
    const own = 'document.querySelector("input")';
    const body = path.endsWith(".html")
      ? readFileSync(path, "utf8").replace(own, `window.classify = classify;\n  ${own}`)
      : readFileSync(path);
    return route.fulfill({ body, ...(contentType && { contentType }) });
  });
  await page.goto("http://127.0.0.1/");
  await page.waitForFunction("window.classify", null, { timeout: 60_000 }).catch((error: Error) => {
    throw new Error([error.message, ...errors].join("\n"));
  });
  const given = await page.evaluate<number[][]>(`(async () => {
      const all = [];
      for (const name of ${JSON.stringify(asked.map((photograph) => photograph.name))})
        all.push(await window.classify(await (await fetch("photographs/" + name)).blob()));
      return all;
    })()`);
  const files = asked.map(({ file }) => file);
  const wanted = await expected(folder, files);
  const { name: where, difference } = worst(
    given,
    wanted,
    files.map((file) => basename(file)),
  );
  expect(difference, where).toBeLessThan(1e-3);

  await page.setInputFiles("input", files[0]);
  const best = wanted[0].indexOf(Math.max(...wanted[0]));
  const says = `${kinds[name].classNames![best]}: ${wanted[0][best].toFixed(3)}`;
  await page.waitForFunction(`document.querySelector("output").textContent !== ""`);
  expect(await page.textContent("output")).toBe(says);
  await page.close();
});
