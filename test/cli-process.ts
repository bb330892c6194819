import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { vi } from "vitest";
import { run } from "../src/cli/program.ts";
import { compiledCli } from "./tools/compiled.ts";

export interface Ended {
  /** Exit code; null when a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command line as a process of its own, in a group of its own; stderr is no terminal. */
export function startCli(args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [compiledCli, ...args], { detached: true });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text.stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, ...text }));
  });
  return { child, ended };
}

/** Runs the command line as a process of its own, to its end. */
export const cli = (...args: readonly string[]): Promise<Ended> => startCli(args).ended;

/** The same command line inside this process: what a user would see, without the seconds of a start. */
export async function cliHere(...args: readonly string[]): Promise<Omit<Ended, "signal">> {
  const text = { stdout: "", stderr: "" };
  const keep = (stream: keyof typeof text) => (chunk: unknown, encoding?: unknown, written?: unknown) => {
    text[stream] += String(chunk);
    for (const callback of [encoding, written])
      if (typeof callback === "function") (callback as () => void)();
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(keep("stdout")),
    vi.spyOn(process.stderr, "write").mockImplementation(keep("stderr")),
    vi.spyOn(console, "log").mockImplementation((line) => void keep("stdout")(`${line}\n`)),
    vi.spyOn(console, "error").mockImplementation((line) => {
      keep("stderr")(`${line instanceof Error ? line.stack : line}\n`);
    }),
  ];
  try {
    return { code: await run(args), ...text };
  } finally {
    spies.forEach((spy) => spy.mockRestore());
  }
}

/** Kills the process and all of its group, as the kernel would: nothing of it runs any more. */
export const killGroup = ({ pid }: ChildProcess): boolean => process.kill(-pid!, "SIGKILL");

/**
 * Removes a folder in which killed processes were at work: one that is just dying may finish a write meanwhile, and the
 * folder is not empty then.
 */
export async function removeFolder(path: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rm(path, { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY" || attempt === 20) throw error;
      await wait(100);
    }
  }
}

/** Resolves when the file is there. */
export async function appears(path: string, seconds = 120): Promise<void> {
  const deadline = performance.now() + 1000 * seconds;
  while (!existsSync(path)) {
    if (performance.now() > deadline) throw new Error(`${path} did not appear in ${seconds} s.`);
    await wait(5);
  }
}
