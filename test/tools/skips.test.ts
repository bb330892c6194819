import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { describeSkips, toolsOf, unexpectedSkips } from "./skips.ts";

const allowed = [
  { tool: "browser", reason: "no browser: ", because: "" },
  { tool: null, reason: "no such processor: ", because: "" },
];
const skips = {
  browser: { test: "a > b", reason: "no browser: none" },
  processor: { test: "a > c", reason: "no such processor: arm64" },
  other: { test: "d > e", reason: "for now" },
  silent: { test: "d > f", reason: undefined },
};

test("a skip is expected where its tool is missing, and without a reason nowhere", () => {
  const unexpected = (...tools: string[]) => unexpectedSkips(Object.values(skips), new Set(tools), allowed);
  expect(unexpected()).toEqual([skips.other, skips.silent]);
  expect(unexpected("another")).toEqual([skips.other, skips.silent]);
  expect(unexpected("browser")).toEqual([skips.browser, skips.other, skips.silent]);
  expect(unexpected("all")).toEqual([skips.browser, skips.other, skips.silent]);
});

test("TEST_TOOLS names tools; one that nobody knows is an error", () => {
  expect(toolsOf(undefined)).toBeNull();
  expect(toolsOf("")).toBeNull();
  expect(toolsOf("none")).toEqual(new Set());
  expect(toolsOf("chromium, webgpu")).toEqual(new Set(["chromium", "webgpu"]));
  expect(() => toolsOf("chrome")).toThrow('TEST_TOOLS has "chrome". Choose of: none, all, chromium, ');
});

test("skips are listed by their reasons", () => {
  expect(describeSkips([skips.other, skips.silent, { test: "g", reason: "for now" }])).toBe(
    "  for now\n    d > e\n    g\n  no reason is given\n    d > f",
  );
});

test("a run lists its skips; where it says what it has, an unexpected one fails it", async () => {
  const run = async (tools: string, ...args: string[]) => {
    const vitest = join(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");
    const options = ["run", "--root", join(import.meta.dirname, "skipping"), ...args];
    const env = { ...process.env, TEST_TOOLS: tools, NO_COLOR: "1" };
    return promisify(execFile)(process.execPath, [vitest, ...options], { env }).then(
      ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
        code,
        stdout,
        stderr,
      }),
    );
  };
  const [quiet, bare, full, chosen] = await Promise.all([
    run(""),
    run("none", "missing"),
    run("chromium", "missing"),
    run("chromium", "-t", "runs"),
  ]);
  expect(quiet.stdout).toContain(
    "Skipped:\n  no Chromium: as said in the test\n    missing.skip.ts > a browser\n" +
      "  no reason is given\n    switched-off.skip.ts > in its code\n",
  );
  expect(quiet.code).toBe(0);
  expect(bare.code, bare.stdout).toBe(0);
  expect(full.code).toBe(1);
  expect(full.stderr).toContain('error: 1 skips that TEST_TOOLS="chromium" does not allow');
  expect(chosen.code, chosen.stderr).toBe(0);
  expect(chosen.stdout).not.toContain("Skipped:");
}, 120_000);
