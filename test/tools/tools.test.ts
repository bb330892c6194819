/** Tools that are missing or broken: each is a reason in the end, and none of them hangs or stays behind. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findChromium } from "./chromium.ts";
import { whyUseless } from "./probe.ts";
import { noProcesses, processesWith } from "./processes.ts";
import { whyNoWebgpu } from "./webgpu.ts";

/** Programs that are committed, as a folder for temporary files may run none. */
const broken = (name: string) => join(import.meta.dirname, "broken", name);

describe("a program that is asked", () => {
  const ask = (name: string, timeoutMs?: number) =>
    whyUseless({ program: broken(name), args: [], answer: "yes", timeoutMs });

  test.each([
    ["right", null],
    ["wrong", String.raw`answers "no\u001b[2J" where "yes" is right`],
    ["silent", `answers "" where "yes" is right`],
    ["dies", /^ends with code 127: error while loading shared libraries: libnss3\.so/],
    ["crashes", "is ended by SIGSEGV"],
    ["not-there", "does not start (ENOENT)"],
    ["data", "does not start (EACCES)"],
  ])("%s", async (name, reason) => {
    const answer = expect(await ask(name));
    if (reason instanceof RegExp) answer.toMatch(reason);
    else answer.toBe(reason);
  });

  test("hangs: it is ended with all that it started", async ({ skip }) => {
    if (noProcesses) skip(noProcesses);
    expect(await ask("hangs", 500)).toBe("does not answer in 0.5 s");
    await expect.poll(() => processesWith("broken/hangs"), { timeout: 10_000 }).toEqual([]);
  });
});

describe("Chromium", () => {
  const missing = async (name: string, timeoutMs?: number) => {
    const found = await findChromium([broken(name)], timeoutMs);
    return "missing" in found ? found.missing : null;
  };

  test.each([
    ["not-there", /^no Chromium: none of .*not-there is there \(Debian/],
    ["data", /^no Chromium: .*data is of no use: .*EACCES/],
    ["dies", /^no Chromium: .*dies is of no use: exitCode=127, .*libnss3\.so/],
    ["garbles", /^no Chromium: .*garbles is of no use: .*"what\?" is not valid JSON/],
  ])("%s", async (name, reason) => expect(await missing(name)).toMatch(reason));

  test("hangs", async () => {
    expect(await missing("hangs", 3000)).toMatch(/hangs is of no use: it opened no page in 3 s/);
    if (noProcesses) return;
    await expect.poll(() => processesWith("broken/hangs"), { timeout: 10_000 }).toEqual([]);
  });
});

describe("WebGPU", () => {
  const missing = (driver: string) => whyNoWebgpu({ VK_ICD_FILENAMES: broken(driver) });

  test("has no driver", async () => {
    expect(await missing("not-there")).toMatch(/^no WebGPU: there is no .*not-there/);
  });

  test("has a driver that is none, or no Vulkan loader", async () => {
    expect(await missing("data")).toMatch(
      /^no WebGPU: a sum by ONNX Runtime on .*data ends with code 1: .*(vulkan|vk|adapter)/i,
    );
  });
});

test("processes are found by their parent and their command line", ({ skip }) => {
  if (noProcesses) skip(noProcesses);
  const found = spawnSync(
    process.execPath,
    [
      ...["--import", "tsx", "-e"],
      `import("${join(import.meta.dirname, "processes.ts")}").then(({ childProcesses }) => {
         const child = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 9)", "a (mark) 1 2"]);
         child.on("spawn", () => {
           console.log(JSON.stringify([childProcesses(process.pid, "(mark)"), childProcesses(1, "(mark)"), child.pid]));
           child.kill();
         });
       });`,
    ],
    { encoding: "utf8" },
  );
  const [children, others, pid] = JSON.parse(found.stdout) as [number[], number[], number];
  expect(children).toEqual([pid]);
  expect(others).toEqual([]);
});
