/** A contender's process: one line of JSON that introduces it, then one for each request on standard input. */
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Tensor } from "../../src/tensor/index.ts";
import { type Block, type Job, requestSchema } from "../job.ts";
import { readTensorFile } from "../tensor-file.ts";
import type { Task } from "../tasks/task.ts";

/**
 * Answers requests until standard input ends. Between them it waits, and takes no processor time.
 *
 * @param header  what the first line says: versions, threads
 * @param open    begins a job
 */
export async function serve(
  header: Readonly<Record<string, unknown>>,
  open: (job: Job, tensors: ReadonlyMap<string, Tensor>) => Task | Promise<Task>,
): Promise<void> {
  const say = (message: unknown) => void process.stdout.write(`${JSON.stringify(message)}\n`);
  say(header);
  const tasks = new Map<string, Task>();
  let inputs = "";
  for await (const line of createInterface({ input: process.stdin })) {
    const { job, warmUp, steps } = requestSchema.parse(JSON.parse(line));
    // Those of the workload before are over.
    if (job.inputs !== inputs) tasks.clear();
    inputs = job.inputs;
    const key = JSON.stringify(job);
    const task = tasks.get(key) ?? (await open(job, readTensorFile(inputs)));
    tasks.set(key, task);
    say(await block(task, warmUp, steps));
  }
}

async function block(task: Task, warmUp: number, steps: number): Promise<Block> {
  for (let i = 0; i < warmUp; i++) await task.step();
  const ms: number[] = [];
  for (let i = 0; i < steps; i++) {
    const start = performance.now();
    await task.step();
    ms.push(performance.now() - start);
  }
  await task.rest();
  return { ms, check: task.check(), peakMegabytes: peakMegabytes() };
}

/** The high-water mark of this process's resident memory, in MiB; null where the system does not tell. */
function peakMegabytes(): number | null {
  // Not process.resourceUsage(): its mark begins at that of the process that started this one.
  const path = "/proc/self/status";
  const found = existsSync(path) ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(path, "utf8")) : null;
  return found && Number(found[1]) / 1024;
}
