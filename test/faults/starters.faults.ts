import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { CliWorker } from "./cli-worker.ts";
import { Starters, leaveDeadLock, lockFiles } from "../lock-rounds.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-starters-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("of four starters on a dead lock no two hold it, in 60 rounds", async () => {
  const path = join(folder, "lock");
  const starters = new Starters(4);
  const outcomes = new Map<string, number>();
  for (let round = 0; round < 60; round++) {
    // Of the rounds' own dead, too: every fifth holder is killed inside.
    if (lockFiles(path).length === 0) leaveDeadLock(path);
    for (const { outcome, message } of await starters.round(path, { dies: round % 5 === 4 })) {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (outcome === "failed" || outcome === "not alone") expect.soft(message, outcome).toBe("");
      rmSync(`${path}-inside`, { force: true });
    }
  }
  starters.end();
  expect(outcomes.get("not alone")).toBeUndefined();
  expect(outcomes.get("failed")).toBeUndefined();
  expect(outcomes.get("in")).toBeGreaterThanOrEqual(60);
});

test("of two trainings at once in a folder one is refused, 50 times", async () => {
  const workers = [new CliWorker(), new CliWorker()];
  const options = ["--limit", "40", "--epochs", "1", "--batch-size", "20", "--method", "base"];
  for (let round = 0; round < 50; round++) {
    const out = join(folder, `run-${round}`);
    const ends = await Promise.all(workers.map((worker) => worker.run(["train", ...options, "--out", out])));
    const codes = ends.map(({ code }) => code).sort();
    expect(codes, ends.map(({ stderr }) => stderr).join("\n")).toEqual([0, 1]);
    expect(ends.find(({ code }) => code === 1)?.stderr).toMatch(
      /is in use: alignreg train|already holds a (finished|unfinished) run/,
    );
    // One epoch, one line: no second run wrote into it.
    expect(readFileSync(join(out, "metrics.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(1);
    expect(lockFiles(join(out, "lock"))).toEqual([]);
    rmSync(out, { recursive: true });
  }
  for (const worker of workers) worker.end();
});
