import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { cli, killGroup, removeFolder, startCli } from "../cli-process.ts";
import { decidedFiles } from "../study-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-kills-"));
afterAll(() => removeFolder(folder));

/**
 * Starts the command and kills it, again and again, later each time it was too early to do anything. What is left at the end
 * is run undisturbed.
 *
 * @returns how many were killed
 */
async function killed(args: readonly string[], kills: number, out: string): Promise<number> {
  let count = 0;
  for (let i = 0; i < kills; i++) {
    const { child, ended } = startCli(args);
    // From before the folder is made to well within the work.
    const startedAt = performance.now();
    if (i % 4 !== 0)
      while (!existsSync(join(out, "lock")) && performance.now() - startedAt < 10_000) {
        if (child.exitCode !== null) break;
        await wait(5);
      }
    await wait(700 * Math.random());
    try {
      killGroup(child);
    } catch {
      // It had just ended.
    }
    const { signal, code, stderr } = await ended;
    if (signal === "SIGKILL") count++;
    else expect(code, stderr).toBe(0);
  }
  return count;
}

const files = (path: string) => readdirSync(path, { recursive: true }).map(String).sort();

// Manifests hold times, and are compared by none.
test("a training killed 30 times ends in the bytes of one that was not", async () => {
  const options = ["--limit", "1500", "--batch-size", "16", "--epochs", "3", "--seed", "5", "--threads", "1"];
  const train = (out: string) => [
    "train",
    ...options,
    "--out",
    out,
    "--resume",
    "--checkpoint-seconds",
    "0.3",
  ];
  const unbroken = join(folder, "unbroken");
  expect((await cli(...train(unbroken))).code).toBe(0);
  const out = join(folder, "killed");
  const count = await killed(train(out), 30, out);
  const last = await cli(...train(out));
  expect(last.code, last.stderr).toBe(0);
  expect(count, "kills that came in time").toBeGreaterThan(10);
  expect(files(out)).toEqual(files(unbroken));
  for (const name of ["model.onnx", "weights.safetensors", "metrics.jsonl"]) {
    expect(readFileSync(join(out, name)).equals(readFileSync(join(unbroken, name))), name).toBe(true);
  }
});

test("a study killed 30 times ends in the bytes of one that was not", async () => {
  const file = join(folder, "study.yaml");
  writeFileSync(
    file,
    `name: killed
data: { name: mnist, train: 256, validation: 32, test: 32 }
epochs: 2
batchSize: 16
families: [rotation]
methods: [base, vwa, rwa]
lambda: { values: [0.01, 0.1] }
seeds: [0, 1]
`,
  );
  const study = (out: string) => ["study", "run", file, "--out", out, "--jobs", "2"];
  const unbroken = join(folder, "study");
  expect((await cli(...study(unbroken))).code).toBe(0);
  const out = join(folder, "study-killed");
  const count = await killed(study(out), 30, out);
  const last = await cli(...study(out));
  expect(last.code, last.stderr).toBe(0);
  expect(count, "kills that came in time").toBeGreaterThan(10);
  expect(files(out)).toEqual(files(unbroken));
  expect(decidedFiles(out)).toEqual(decidedFiles(unbroken));
});
