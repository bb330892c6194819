import { type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appears, cli, cliHere, killGroup, startCli, removeFolder } from "./cli-process.ts";
import { decidedFiles } from "./study-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-study-"));
afterAll(() => removeFolder(folder));

// 32 steps an epoch and a choice between two λ: cells last long enough to be killed within.
const file = join(folder, "study.yaml");
writeFileSync(
  file,
  `name: killed
data: { name: mnist, train: 512, validation: 64, test: 64 }
epochs: 3
batchSize: 16
families: [rotation]
methods: [base, vwa, rwa]
regularizers: [squaredL2, wasserstein]
lambda: { values: { default: [0.1], squaredL2: [0.01, 0.1] } }
seeds: [0, 1]
`,
);
const runTo = (out: string, ...more: string[]) => [
  "study",
  "run",
  file,
  "--out",
  out,
  "--jobs",
  "2",
  ...more,
];
const unbroken = join(folder, "unbroken");

const cellFiles = (out: string, name: string) => {
  const cells = join(out, "cells");
  return (existsSync(cells) ? readdirSync(cells) : []).filter((id) => existsSync(join(cells, id, name)));
};

/** Starts the study, and kills it with all its processes a random while after the moment. */
async function killedAfter(
  out: string,
  moment: (ended: () => boolean) => Promise<unknown>,
): Promise<ChildProcess> {
  const { child, ended } = startCli(runTo(out));
  let isOver = false;
  void ended.then(() => (isOver = true));
  await moment(() => isOver);
  await wait(500 * Math.random());
  killGroup(child);
  expect((await ended).signal, "killed too late to say anything").toBe("SIGKILL");
  return child;
}

async function until(condition: () => boolean, isOver: () => boolean): Promise<void> {
  while (!condition()) {
    if (isOver()) throw new Error("The study ended too early.");
    await wait(10);
  }
}

beforeAll(async () => {
  const { code, stderr } = await cli(...runTo(unbroken));
  expect(code, stderr).toBe(0);
}, 300_000);

describe("a study whose whole process group is killed", () => {
  test("twice goes on to the same bytes", { timeout: 300_000 }, async () => {
    const out = join(folder, "killed-twice");
    // Once among the candidates, in the middle of a cell; once when tests have begun.
    await killedAfter(out, (isOver) => until(() => cellFiles(out, "checkpoint.onnx").length > 0, isOver));
    const trained = cellFiles(out, "model.onnx").length;
    expect(cellFiles(out, "checkpoint.onnx"), "cells to go on with").not.toEqual([]);
    expect(existsSync(join(out, "lock"))).toBe(true);

    await killedAfter(out, (isOver) => until(() => cellFiles(out, "test-rotation.json").length > 2, isOver));
    expect(cellFiles(out, "model.onnx").length).toBeGreaterThan(trained);

    const status = await cliHere("study", "status", out);
    expect(status.stdout).toContain("not running; study run goes on with it");
    const last = await cli(...runTo(out));
    expect(last.code, last.stderr).toBe(0);
    expect(decidedFiles(out)).toEqual(decidedFiles(unbroken));
  });

  test("leaves no process behind, even when only the runner is killed", { timeout: 300_000 }, async () => {
    const out = join(folder, "orphans");
    const { child, ended } = startCli(runTo(out));
    await appears(join(out, "cells"));
    await until(
      () => cellFiles(out, "checkpoint.onnx").length > 0,
      () => false,
    );
    child.kill("SIGKILL");
    await ended;
    // Nobody is left in the group: signal 0 finds none, soon.
    const deadline = performance.now() + 20_000;
    const isAlive = () => {
      try {
        return process.kill(-child.pid!, 0);
      } catch {
        return false;
      }
    };
    while (isAlive() && performance.now() < deadline) await wait(20);
    expect(isAlive()).toBe(false);
  });
});

test("a finished study is not done again", { timeout: 300_000 }, async () => {
  const before = decidedFiles(unbroken);
  const { code, stderr, stdout } = await cli(...runTo(unbroken));
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("Study killed: 17 of 17 done");
  expect(stdout).toContain("RWA W");
  expect(decidedFiles(unbroken)).toEqual(before);
});

test("more seeds are more cells; those that are there stay", { timeout: 300_000 }, async () => {
  const before = decidedFiles(unbroken);
  const longer = join(folder, "longer.yaml");
  const text = readFileSync(file, "utf8");
  writeFileSync(longer, text.replace("[0, 1]", "[0, 1, 2]"));
  const { code, stderr } = await cli("study", "run", longer, "--out", unbroken);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("Study killed: 17 of 25 done");
  const after = decidedFiles(unbroken);
  for (const [path, hash] of Object.entries(before)) {
    if (path.startsWith("cells/") || path === "choices.json") expect(after[path], path).toBe(hash);
  }
});

test("two processes cannot run a study in one folder", { timeout: 300_000 }, async () => {
  const out = join(folder, "twice");
  const { child, ended } = startCli(runTo(out));
  await appears(join(out, "study.json"));
  const second = await cliHere(...runTo(out));
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(`${out} is in use: alignreg study run, process ${child.pid} on `);
  const status = await cliHere("study", "status", out, "--json");
  expect(JSON.parse(status.stdout)).toMatchObject({ name: "killed", isRunning: true });

  child.kill("SIGINT");
  const { code, stderr } = await ended;
  expect(code).toBe(130);
  expect(stderr).toContain(`Stopped. Go on with: alignreg ${runTo(out).join(" ")}`);
  expect(existsSync(join(out, "lock"))).toBe(false);
});
