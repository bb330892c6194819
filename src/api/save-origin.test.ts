import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { clearOrigins } from "./save-origin.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "alignreg-origin-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.skipIf(process.platform === "win32")("a pipe for an earlier model.json is left, and not read", () => {
  const model = join(folder, "model-tfjs", "model.json");
  mkdirSync(join(folder, "model-tfjs"));
  execFileSync("mkfifo", [model]);
  clearOrigins(folder, null);
  expect(existsSync(model)).toBe(true);
});
