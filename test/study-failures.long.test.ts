import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type StudyResult, parseStudy, planOf } from "../src/study/index.ts";
import { appears, cli, cliHere, startCli, removeFolder } from "./cli-process.ts";
import { decidedFiles } from "./study-folder.ts";
import { childProcesses, noProcesses } from "./tools/processes.ts";

// Whole studies in processes of their own: seconds on a free machine, minutes on a busy one.
vi.setConfig({ testTimeout: 300_000 });

const folder = mkdtempSync(join(tmpdir(), "alignreg-failures-"));
afterAll(() => removeFolder(folder));

/** Writes a study; λ of 3e38 times a distance is more than float32 holds, so its loss is infinite. */
function studyFile(name: string, regularizers: string, values: string): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `name: ${name}
data: { name: mnist, train: 256, validation: 32, test: 32 }
epochs: 2
batchSize: 16
families: [rotation]
methods: [base, vwa, rwa]
regularizers: ${regularizers}
lambda: { values: ${values} }
`,
  );
  return file;
}
const runTo = (file: string, out: string, ...more: string[]) => ["study", "run", file, "--out", out, ...more];
const resultsIn = (out: string) => JSON.parse(readFileSync(join(out, "results.json"), "utf8")) as StudyResult;

const plain = studyFile("plain", "[squaredL2]", "[0.1]");
const unharmed = join(folder, "unharmed");
const vwaCell = planOf(parseStudy(readFileSync(plain, "utf8"), plain)).find(
  ({ column }) => column.id === "vwa",
)!;
const [{ id: vwaId }] = vwaCell.cellsAt(null);

beforeAll(async () => {
  const { code, stderr } = await cli(...runTo(plain, unharmed));
  expect(code, stderr).toBe(0);
}, 300_000);

test("a cell that fails every time harms no other, is shown, and is tried again by the next run", async () => {
  const out = join(folder, "damaged");
  const cell = join(out, "cells", vwaId);
  mkdirSync(join(cell, "checkpoint.onnx"), { recursive: true });

  const first = await cli(...runTo(plain, out));
  expect(first.code).toBe(1);
  expect(first.stderr).toMatch(/rotation vwa seed 0: FAILED, trying again: \S+checkpoint\.onnx is no file/);
  expect(first.stderr).toMatch(/rotation vwa seed 0: FAILED: /);
  expect(first.stderr).toContain("error: 2 of 6 trainings and tests failed");
  expect(JSON.parse(readFileSync(join(cell, "error.json"), "utf8"))).toMatchObject({
    message: expect.stringContaining("is no file") as string,
    stack: expect.stringContaining("UsageError") as string,
    attempt: 2,
  });

  const failed = resultsIn(out);
  const healthy = resultsIn(unharmed);
  const others = (result: StudyResult) => result.cells.filter(({ column }) => column !== "vwa");
  expect(others(failed)).toEqual(others(healthy));
  expect(failed.cells.find(({ column }) => column === "vwa")?.runs).toEqual([
    { seed: 0, scores: null, error: expect.stringContaining("is no file") as string },
  ]);
  expect(first.stdout, "the tables show what is missing").toContain("is no file");

  const status = await cliHere("study", "status", out);
  expect(status.stdout).toMatch(/failed {3}rotation vwa seed 0, 2 times: \S+checkpoint/);
  expect(status.stdout).toMatch(/total +│ +4 │ +0 │ +2 │ +0 │ +6/);

  // A file that cannot be gone on from is no obstacle.
  rmdirSync(join(cell, "checkpoint.onnx"));
  writeFileSync(join(cell, "checkpoint.onnx"), "no checkpoint");
  const second = await cli(...runTo(plain, out));
  expect(second.code, second.stderr).toBe(0);
  expect(second.stderr).toMatch(/The checkpoint \S+ cannot be read: .*The cell is trained from the start\./);
  expect(decidedFiles(out)).toEqual(decidedFiles(unharmed));
});

test("--retries 0 gives a failing cell up at once", async () => {
  const out = join(folder, "no-retries");
  mkdirSync(join(out, "cells", vwaId, "checkpoint.onnx"), { recursive: true });
  const { code, stderr } = await cli(...runTo(plain, out, "--retries", "0"));
  expect(code).toBe(1);
  expect(stderr).not.toContain("trying again");
});

test("a cell whose process is killed is tried again in the same run", async ({ skip }) => {
  if (noProcesses) skip(noProcesses);
  const out = join(folder, "crash");
  const { child, ended } = startCli(runTo(plain, out, "--jobs", "1"));
  await appears(join(out, "cells", vwaId, "checkpoint.onnx"));
  // tsx has a process of its own besides.
  const [pid] = childProcesses(child.pid!, "cell-process");
  process.kill(pid, "SIGKILL");
  const { code, stderr } = await ended;
  expect(stderr).toMatch(/FAILED, trying again: The cell's process ended early, by SIGKILL\./);
  expect(code, stderr).toBe(0);
  expect(decidedFiles(out)).toEqual(decidedFiles(unharmed));
});

test("a diverging candidate is left out of the choice; a column of such alone is missing", async () => {
  const file = studyFile(
    "diverging",
    "[squaredL2, l1]",
    "{ squaredL2: [0.1, 3.0e+38], l1: [2.0e+38, 3.0e+38] }",
  );
  const out = join(folder, "diverging");
  const { code, stderr, stdout } = await cli(...runTo(file, out));
  expect(code).toBe(1);
  expect(stderr).toMatch(/rwa-squaredL2 λ=3e\+38 seed 0: FAILED: .*(infinite|not finite|Infinity|NaN)/);
  expect(stderr).toContain("rotation rwa-squaredL2: λ=0.1 chosen");
  expect(stderr).toContain("rotation rwa-l1: no λ could be chosen");
  expect(stdout).toContain("No λ could be chosen");
  const [base, vwa, l2, l1] = ["base", "vwa", "rwa-squaredL2", "rwa-l1"].map((column) =>
    resultsIn(out).cells.find((cell) => cell.column === column)!,
  );
  for (const cell of [base, vwa, l2]) expect(cell.runs[0].scores).not.toBeNull();
  expect(l2.lambda).toBe(0.1);
  expect(l1).toMatchObject({ lambda: null, runs: [{ seed: 0, scores: null }] });
});
