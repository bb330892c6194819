import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readModel } from "../src/onnx/index.ts";
import { appears, cli, cliHere, killGroup, startCli, removeFolder } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-resume-"));
afterAll(() => removeFolder(folder));

// 125 steps an epoch: lines of metrics fall inside epochs, and runs last long enough to be killed.
const options = ["--limit", "2000", "--batch-size", "16", "--epochs", "2", "--seed", "5", "--threads", "1"];
const trainTo = (out: string, ...more: string[]) => ["train", ...options, "--out", out, ...more];
const unbroken = join(folder, "unbroken");

/** What the seed alone decides, byte for byte. */
const made = (out: string) => ({
  model: createHash("sha256")
    .update(readFileSync(join(out, "model.onnx")))
    .digest("hex"),
  weights: createHash("sha256")
    .update(readFileSync(join(out, "weights.safetensors")))
    .digest("hex"),
  metrics: readFileSync(join(out, "metrics.jsonl"), "utf8"),
});

/** Steps that the checkpoint in the folder holds. */
function stepsSaved(out: string): number {
  const { metadata } = readModel(readFileSync(join(out, "checkpoint.onnx")));
  return (JSON.parse(metadata.position) as { step: number }).step;
}

async function killedOnce(args: readonly string[], moment: () => Promise<unknown>): Promise<void> {
  const { child, ended } = startCli(args);
  await Promise.race([moment(), ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
  killGroup(child);
  expect((await ended).signal).toBe("SIGKILL");
}

beforeAll(async () => {
  const { code, stderr } = await cli(...trainTo(unbroken));
  expect(code, stderr).toBe(0);
});

describe("a run that SIGKILL ended goes on to the same bytes", () => {
  test("after two kills at random moments", { timeout: 120_000 }, async () => {
    const out = join(folder, "killed-twice");
    const args = trainTo(out, "--resume", "--checkpoint-seconds", "0");
    await killedOnce(args, async () => {
      await appears(join(out, "checkpoint.onnx"));
      await wait(400 * Math.random());
    });
    const first = stepsSaved(out);
    await killedOnce(args, async () => {
      // By then the second process has trained too.
      while (stepsSaved(out) <= first) await wait(5);
      await wait(400 * Math.random());
    });
    const second = stepsSaved(out);
    expect(second).toBeGreaterThan(first);
    expect(second, "killed too late to say anything").toBeLessThan(250);

    const last = await cli(...args);
    expect(last.code, last.stderr).toBe(0);
    const resumedAfter = Number(/Resuming after step (\d+)/.exec(last.stderr)?.[1]);
    expect(resumedAfter).toBe(second);
    expect(made(out), `killed after ${first} and ${second} steps`).toEqual(made(unbroken));
    expect(readdirSync(out).sort()).toEqual([
      "MODEL_CARD.md",
      "classifier.json",
      "manifest.json",
      "metrics.jsonl",
      "model.onnx",
      "weights.safetensors",
    ]);
  });

  test("killed before the first checkpoint, then past the second", { timeout: 120_000 }, async () => {
    const out = join(folder, "killed-early");
    const args = trainTo(out, "--resume", "--checkpoint-seconds", "3600");
    await killedOnce(args, () => appears(join(out, "metrics.jsonl")));
    expect(existsSync(join(out, "checkpoint.onnx"))).toBe(false);

    // The line of step 150 is newer than the checkpoint, that of the first epoch's end: it is written twice.
    const lines = () => readFileSync(join(out, "metrics.jsonl"), "utf8");
    await killedOnce(args, async () => {
      await appears(join(out, "checkpoint.onnx"));
      while (!lines().includes('"step":150')) await wait(5);
    });
    expect(stepsSaved(out)).toBe(125);
    rmSync(join(out, "metrics.jsonl"));
    for (const name of ["notes.2026", "model.onnx.1"]) writeFileSync(join(out, name), "mine");

    // The folder knows the options.
    const last = await cli("train", "--resume", "--out", out);
    expect(last.code, last.stderr).toBe(0);
    expect(last.stderr).toContain("Resuming after step 125");
    expect(made(out)).toEqual(made(unbroken));
    expect(readdirSync(out).sort()).toEqual([
      "MODEL_CARD.md",
      "classifier.json",
      ...["manifest.json", "metrics.jsonl", "model.onnx", "model.onnx.1", "notes.2026"],
      "weights.safetensors",
    ]);
  });
});

test("an interrupt ends with code 130 and says how to go on", async () => {
  const out = join(folder, "interrupted");
  const { child, ended } = startCli(trainTo(out, "--checkpoint-seconds", "0"));
  await appears(join(out, "checkpoint.onnx"));
  child.kill("SIGINT");
  const { code, stderr } = await ended;
  expect(code).toBe(130);
  expect(stderr).toContain(`Stopped. Go on with: alignreg ${trainTo(out).join(" ")}`);
  expect(stderr.trimEnd()).toMatch(/--resume$/);

  const refused = await cliHere(...trainTo(out));
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("already holds an unfinished run (checkpoint.onnx); go on with --resume");
  const other = await cliHere(...trainTo(out, "--resume", "--lr", "0.5"));
  expect(other.code).toBe(1);
  expect(other.stderr).toContain("lr: 0.001 there, 0.5 now");
  expect(existsSync(join(out, "checkpoint.onnx")), "still there to go on from").toBe(true);
});

describe("in the folder of a finished run", () => {
  test("--resume alone takes the folder's options, and finds the run finished", async () => {
    const { code, stdout, stderr } = await cliHere("train", "--resume", "--out", unbroken);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("is finished already: rwa, 2 epochs of 2,000 images");
  });

  test("--resume says so and changes nothing", async () => {
    const before = made(unbroken);
    const { code, stdout } = await cliHere(...trainTo(unbroken, "--resume"));
    expect(code).toBe(0);
    expect(stdout).toContain("is finished already");
    expect(made(unbroken)).toEqual(before);
  });

  test.each([
    { given: ["--resume", "--seed", "6"], message: "seed: 5 there, 6 now" },
    { given: ["--resume", "--limit", "1999"], message: "data: mnist/train, sample of 2000 there" },
    { given: [], message: "already holds a finished run (model.onnx)" },
    { given: ["--resume", "--overwrite"], message: "contradict" },
  ])("$given is refused: $message", async ({ given, message }) => {
    const { code, stderr } = await cliHere(...trainTo(unbroken, ...given));
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });

  test("--overwrite starts over", async () => {
    const out = join(folder, "overwritten");
    const tiny = (...more: string[]) =>
      cliHere("train", "--limit", "64", "--epochs", "1", "--out", out, ...more);
    expect((await tiny()).code).toBe(0);
    const before = made(out);
    expect((await tiny("--overwrite", "--seed", "1")).code).toBe(0);
    expect(made(out).model).not.toEqual(before.model);
  });

  test("--overwrite leaves the earlier run's results until it has its own", async () => {
    const out = join(folder, "kept");
    const tiny = (...more: string[]) =>
      cliHere("train", "--limit", "64", "--epochs", "1", "--batch-size", "16", "--out", out, ...more);
    expect((await tiny()).code).toBe(0);
    const before = made(out);
    // 3e38 times a distance is more than float32 holds.
    const failed = await tiny("--overwrite", "--lambda", "3e38");
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/ became \w+ at step \d/);
    expect({ ...made(out), metrics: "" }).toEqual({ ...before, metrics: "" });
    expect(readdirSync(out)).not.toContain("options.json");
  });

  test("a file that is cut, or no manifest of a run, is named", async () => {
    const out = join(folder, "cut");
    cpSync(unbroken, out, { recursive: true });
    writeFileSync(join(out, "model.onnx"), readFileSync(join(out, "model.onnx")).subarray(0, 1000));
    const cut = await cliHere("train", "--resume", "--out", out);
    expect(cut.code).toBe(1);
    expect(cut.stderr).toMatch(/model\.onnx is damaged: it has 1000 bytes and had \d+\. Start over/);
    for (const text of ["null", "{}", '{ "version": 99 }']) {
      writeFileSync(join(out, "manifest.json"), text);
      const { code, stderr } = await cliHere("train", "--resume", "--out", out);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /manifest\.json is damaged: .*Choose another --out, or start over with --overwrite\./,
      );
    }
  });
});
