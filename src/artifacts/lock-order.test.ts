/**
 * Takeovers in a given order: one starter has looked and is stopped before it makes its file; meanwhile others, in processes
 * of their own, come, die and come. What it then makes has a name that is free again.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { leaveDeadLock } from "../../test/lock-rounds.ts";
import type * as claims from "./claim.ts";
import { LockedError } from "./lock-error.ts";
import { takeLock } from "./lock.ts";

const stopped = vi.hoisted(() => ({ meanwhile: null as ((path: string) => void) | null }));
vi.mock(import("./claim.ts"), async (original) => {
  const real: typeof claims = await original();
  return {
    ...real,
    claim(path, ours) {
      const { meanwhile } = stopped;
      stopped.meanwhile = null;
      meanwhile?.(path);
      return real.claim(path, ours);
    },
  };
});

let folder: string;
let path: string;
let holder: ChildProcess | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "alignreg-order-"));
  path = join(folder, "lock");
});
afterEach(() => {
  holder?.kill("SIGKILL");
  holder = null;
  rmSync(folder, { recursive: true, force: true });
});

const arguments_ = (then: string) => [
  ...["--import", "tsx", "--input-type=module", "--eval"],
  `import { takeLock } from ${JSON.stringify(new URL("./lock.ts", import.meta.url).href)};
   await takeLock(${JSON.stringify(path)}, "a test");
   ${then}`,
];

/** Another starter takes the lock and is killed. */
const takeAndDie = () =>
  expect(spawnSync(process.execPath, arguments_('process.kill(process.pid, "SIGKILL");')).signal).toBe(
    "SIGKILL",
  );

/** Another takes it and keeps it, as the generation `held`. */
function takeAndHold(held: string, gone: string): void {
  holder = spawn(process.execPath, arguments_("setInterval(() => undefined, 1000);"), { stdio: "ignore" });
  const deadline = performance.now() + 30_000;
  // Without giving way: the starter that is stopped is in this process.
  while (!existsSync(held) || existsSync(gone)) {
    if (performance.now() > deadline) throw new Error(`${held} did not appear.`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
}

test.each([
  { name: "there was no lock", prepare: () => undefined, free: "lock", held: "lock.1" },
  { name: "there was a dead one", prepare: () => leaveDeadLock(path), free: "lock.1", held: "lock.2" },
])(
  "who makes a name that is free again looks afterwards, and stays out, where $name",
  async ({ prepare, free, held }) => {
    prepare();
    const taken: string[] = [];
    stopped.meanwhile = (next) => {
      taken.push(next);
      takeAndDie();
      expect(readdirSync(folder)).toContain(free);
      takeAndHold(join(folder, held), join(folder, free));
    };
    const late = takeLock(path, "a test");
    await expect(late).rejects.toThrow(LockedError);
    await expect(late).rejects.toThrow(`process ${holder!.pid} `);
    expect(taken).toEqual([join(folder, free)]);
    expect(readdirSync(folder)).toEqual([held]);
  },
);

test("who comes while another is stopped gets in, and the stopped one does not", async () => {
  leaveDeadLock(path);
  stopped.meanwhile = () => takeAndHold(join(folder, "lock.1"), path);
  await expect(takeLock(path, "a test")).rejects.toThrow(LockedError);
  expect(readdirSync(folder)).toEqual(["lock.1"]);
});
