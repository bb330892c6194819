/** tools/steps: a step that is written for other runtimes runs in ours, and to the same losses. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const tool = (name: string, ...args: string[]) =>
  promisify(execFile)(process.execPath, [
    "--import",
    "tsx",
    join(import.meta.dirname, "..", "tools", "steps", name),
    ...args,
  ]);

test("a written step gives the written losses, and another's losses are told", async () => {
  const folder = await mkdtemp(join(tmpdir(), "alignreg-steps-"));
  await tool("write.ts", folder, "--batch", "8", "--steps", "3");
  const { stdout } = await tool("run-step.ts", folder, "--provider", "cpu");
  expect(stdout).toMatch(/^lenet rwa, batch 8, ONNX Runtime cpu in Node: .* losses within 0\.0e\+0 /);
  const path = join(folder, "step.json");
  const step = JSON.parse(await readFile(path, "utf8")) as { losses: number[] };
  step.losses[2] *= 1.01;
  await writeFile(path, JSON.stringify(step));
  await expect(tool("run-step.ts", folder, "--provider", "cpu")).rejects.toThrow(
    /farther than 0\.001 from the CPU's/,
  );
  await rm(folder, { recursive: true });
});
