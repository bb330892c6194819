import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const home = mkdtempSync(join(tmpdir(), "alignreg-home-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const script = `
  import { GraphBuilder } from ${JSON.stringify(new URL("../onnx/index.ts", import.meta.url).href)};
  import { createSession } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [2]);
  const session = await createSession(g.build("sum", [g.add(x, x)]));
  await session.release();
`;

/** Runs a graph with a home, and returns what is printed. */
function runIn(HOME: string): string {
  const env = { ...process.env, HOME, XDG_CACHE_HOME: "", ORT_DISABLE_TELEMETRY: undefined };
  const args = ["--import", "tsx", "--input-type=module", "-e", script];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", env });
  return status === 0 ? stdout + stderr : `ended with code ${status}: ${stderr}`;
}

test("a graph that runs leaves nothing in the home, and one that cannot be written is no matter", () => {
  expect(runIn(home)).toBe("");
  expect(readdirSync(home)).toEqual([]);
  expect(runIn("/proc/none")).toBe("");
});
