/** A headless Chromium that talks to this machine only. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { type LaunchOptions, launch } from "./launch-chromium.ts";
import { whyUseless } from "./probe.ts";

/** Where packages put it, unless the environment says where else it is. */
const places = process.env.CHROMIUM
  ? [process.env.CHROMIUM]
  : [
      "/usr/bin/chromium",
      "/usr/bin/chromium-browser",
      "/usr/bin/google-chrome",
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ];

/** Of these programs the first that opens a page, or why none does. */
export async function findChromium(
  programs: readonly string[],
  timeoutMs = 30_000,
): Promise<{ readonly program: string } | { readonly missing: string }> {
  const reasons: string[] = [];
  for (const program of programs.filter((path) => existsSync(path))) {
    const reason = await whyNot(program, timeoutMs);
    if (reason === null) return { program };
    reasons.push(`${program} ${reason.replace("ends with code 1:", "is of no use:")}`);
  }
  const missing = reasons.join("; ") || `none of ${programs.join(", ")} is there`;
  return {
    missing: `no Chromium: ${missing} (Debian: apt-get install chromium; or set CHROMIUM to a program's path)`,
  };
}

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** In a process of its own: Playwright throws where nobody can catch it when a browser answers what is no JSON. */
const whyNot = (program: string, timeoutMs: number): Promise<string | null> =>
  whyUseless({
    program: process.execPath,
    // By its file: scripts ask from folders that have none.
    args: ["--import", tsx, join(import.meta.dirname, "open-page.ts"), program, String(timeoutMs)],
    answer: "42",
    // It gives up by itself, and has the time to start.
    timeoutMs: timeoutMs + 15_000,
  });

const found = await findChromium(places);

/** Why there is no browser to test in, or null where there is one. */
export const noChromium = "missing" in found ? found.missing : null;

export function launchChromium(options?: LaunchOptions): Promise<Browser> {
  if ("missing" in found) throw new Error(found.missing);
  return launch(found.program, options);
}
