import { spawn } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";

/** What a program is asked, and what one that works answers on standard output. */
export interface Question {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly answer: string;
  readonly timeoutMs?: number;
}

/**
 * Asks a program, and ends it with all that it started.
 *
 * @returns null where it answers; else why it is of no use here, to go after its name: "does not start (ENOENT)"
 */
export async function whyUseless(question: Question): Promise<string | null> {
  const { program, args, env = {}, answer, timeoutMs = 30_000 } = question;
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
    // A group of its own: what a script started holds its output open, and would be waited for.
    detached: true,
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text.stderr += chunk.toString()));
  const over = new AbortController();
  const ended = new Promise<string | null>((resolve) => {
    child.on("error", ({ code, message }: NodeJS.ErrnoException) =>
      resolve(`does not start (${code ?? message})`),
    );
    child.on("close", (code, signal) => {
      if (signal) resolve(`is ended by ${signal}${words(text.stderr)}`);
      else if (code !== 0) resolve(`ends with code ${code}${words(text.stderr)}`);
      else if (text.stdout.trim() === answer) resolve(null);
      else resolve(`answers ${JSON.stringify(text.stdout.trim().slice(0, 60))} where "${answer}" is right`);
    });
  });
  const late = wait(timeoutMs, `does not answer in ${timeoutMs / 1000} s`, { signal: over.signal });
  try {
    return await Promise.race([ended, late]);
  } finally {
    over.abort();
    late.catch(() => undefined);
    endGroup(child.pid);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended, with all of its group.
  }
}

function words(stderr: string): string {
  const line = tellingLine(stripVTControlCharacters(stderr).split("\n"));
  return line === undefined ? "" : `: ${line.slice(0, 200)}`;
}

/** The line that names the error, among those that surround it. */
export function tellingLine(written: readonly string[]): string | undefined {
  const lines = written.map((line) => line.trim()).filter((line) => line !== "");
  return (
    lines.find((line) => /error|cannot|could not|couldn't|not found|failed|no module/i.test(line)) ??
    lines.at(-1)
  );
}
