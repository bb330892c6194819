import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const [home, folder] = ["home", "folder"].map((name) => mkdtempSync(join(tmpdir(), `alignreg-${name}-`)));
afterAll(() => [home, folder].forEach((path) => rmSync(path, { recursive: true, force: true })));

const script = `
  import { GraphBuilder } from ${JSON.stringify(new URL("../onnx/index.ts", import.meta.url).href)};
  import { createSession } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [2]);
  const session = await createSession(g.build("sum", [g.add(x, x)]));
  await session.release();
`;

/** Runs a graph with a home, in a folder of its own, and returns what is printed. */
function runIn(HOME: string): string {
  const env = { ...process.env, HOME, XDG_CACHE_HOME: "", ORT_DISABLE_TELEMETRY: undefined };
  const args = ["--import", import.meta.resolve("tsx"), "--input-type=module", "-e", script];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    env,
    cwd: folder,
  });
  return status === 0 ? stdout + stderr : `ended with code ${status}: ${stderr}`;
}

test("a graph that runs leaves nothing in the home or the folder, and one that cannot be written is no matter", () => {
  expect(runIn(home)).toBe("");
  expect(runIn("/proc/none")).toBe("");
  expect([home, folder].flatMap((path) => readdirSync(path))).toEqual([]);
});
