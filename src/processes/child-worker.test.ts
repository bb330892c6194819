import { fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { noProcesses, processesWith } from "../../test/tools/processes.ts";
import { ChildWorker } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-processes-"));
afterAll(() => rmSync(folder, { recursive: true }));

const here = JSON.stringify(import.meta.dirname);
const script = join(folder, "process.mts");
writeFileSync(
  script,
  `const { serveJobs } = await import(${here} + "/serve-jobs.ts");
  const { UsageError } = await import(${here} + "/../tensor/errors.ts");
  let done = 0;
  serveJobs(async (job, say) => {
    say("began");
    if (job === "throw") throw new TypeError("no such thing");
    if (job === "refuse") throw new UsageError("Give another.");
    if (job === "exit") { console.error("last words"); process.exit(3); }
    if (job === "kill") process.kill(process.pid, "SIGKILL");
    if (job === "wait") await new Promise((resolve) => setTimeout(resolve, 60_000));
    return { done: ++done, sum: job.numbers.reduce((a, b) => a + b), type: job.numbers.constructor.name };
  });`,
);
process.execArgv.push("--import", import.meta.resolve("tsx"));

type Job = { readonly numbers: Float32Array } | string;
const worker = () =>
  new ChildWorker<Job, string, { done: number; sum: number; type: string }>("task", script);
const numbers = Float32Array.of(9, 1, 2, 3).subarray(1);

describe("a process that does jobs", () => {
  test("does one after another, and says how it goes", async () => {
    const one = worker();
    expect(one.isIdle).toBe(true);
    const said: string[] = [];
    const first = one.run({ numbers }, (word) => said.push(word));
    expect(one.isIdle).toBe(false);
    expect(await first).toEqual({ kind: "done", result: { done: 1, sum: 6, type: "Float32Array" } });
    expect(said).toEqual(["began"]);
    expect(one.isIdle).toBe(true);
    expect(await one.run({ numbers }, () => {})).toMatchObject({ result: { done: 2 } });
    one.stop();
    await one.end();
    expect(one.isIdle).toBe(false);
  });

  test.each([
    [
      "throw",
      { message: "no such thing", isOnPurpose: false, stack: expect.stringContaining("TypeError") as string },
    ],
    ["refuse", { message: "Give another.", isOnPurpose: true }],
    ["exit", { message: "The task's process ended early, with code 3.", stack: "last words\n" }],
    ["kill", { message: "The task's process ended early, by SIGKILL." }],
  ])("%s is a failure, and its end", async (job, failure) => {
    const one = worker();
    expect(await one.run(job, () => {})).toMatchObject({ kind: "failed", ...failure });
    expect(one.isIdle).toBe(false);
    await one.end();
  });

  test("a script that is not there is a failed job", async () => {
    const none = new ChildWorker<Job, string, never>("task", join(folder, "none.js"));
    expect(await none.run("wait", () => {})).toMatchObject({
      kind: "failed",
      message: "The task's process ended early, with code 1.",
      stack: expect.stringContaining("Cannot find module") as string,
    });
  });

  test("who throws at what it says gets the error, and ends it", async () => {
    const one = worker();
    const thrower = () => {
      throw new Error("no more");
    };
    await expect(one.run("wait", thrower)).rejects.toThrow("no more");
    await one.end();
    expect(one.isIdle).toBe(false);
  });

  test("what cannot be sent is an error, and the next job is done", async () => {
    const one = worker();
    await expect(one.run({ numbers: (() => {}) as unknown as Float32Array }, () => {})).rejects.toThrow(
      /could not be cloned/,
    );
    expect(await one.run({ numbers }, () => {})).toMatchObject({ kind: "done" });
    await one.end();
  });

  test("is ended at any moment", async () => {
    const one = worker();
    const began = new Promise((resolve) => {
      void one.run("wait", resolve).then((end) => ended(end));
    });
    let ended: (end: unknown) => void = () => {};
    const end = new Promise((resolve) => (ended = resolve));
    await began;
    await one.end();
    expect(await end).toMatchObject({
      kind: "failed",
      message: "The task's process ended early, by SIGTERM.",
    });
  });

  test("ends with who started it", async ({ skip }) => {
    if (noProcesses) skip(noProcesses);
    const starter = join(folder, "starter.mjs");
    writeFileSync(
      starter,
      `import { fork } from "node:child_process";
      const child = fork(${JSON.stringify(script)}, { serialization: "advanced" });
      child.send("wait");
      child.on("message", () => process.send(child.pid));`,
    );
    const parent = fork(starter, { stdio: "ignore" });
    const pid = await new Promise<number>((resolve) => parent.on("message", resolve));
    const isThere = () => processesWith(script).some((process) => process.pid === pid);
    expect(isThere()).toBe(true);
    parent.kill("SIGKILL");
    await expect.poll(isThere, { timeout: 20_000 }).toBe(false);
  });
});
