import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Starters, leaveDeadLock, lockFiles } from "../../test/lock-rounds.ts";
import type { StartResult } from "../../test/lock-starter.ts";
import { noProcesses, processesWith } from "../../test/tools/processes.ts";
import { claim, discard, draft } from "./claim.ts";
import { LockLostError, LockedError } from "./lock-error.ts";
import { lockHolder } from "./lock-holder.ts";
import type { LockTimes } from "./lock-life.ts";
import { type LockRecord, lockText, readLock } from "./lock-record.ts";
import { takeLock } from "./lock.ts";
import { isRunning, thisProcess } from "./process-identity.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "alignreg-lock-"));
  path = join(folder, "lock");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Beats every tenth of a second; dead after one. */
const quick: LockTimes = { beatSeconds: 0.1, deadAfterSeconds: 1 };

const record = (values: Partial<LockRecord> = {}): LockRecord => ({
  alignregLock: 1,
  ...thisProcess(),
  what: "alignreg train",
  token: "0123456789abcdef",
  since: "2026-01-02T03:04:05.000Z",
  ...values,
});

const elsewhere = { host: "other", boot: "of another machine" };

const leave = (values: Partial<LockRecord>, secondsAgo = 0) => {
  writeFileSync(path, lockText(record(values)));
  const then = Date.now() / 1000 - secondsAgo;
  utimesSync(path, then, then);
};

const deadPid = () => spawnSync(process.execPath, ["--version"]).pid;

/** Waits, for 10 s at most. */
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 500) throw new Error("It did not come about.");
    await wait(20);
  }
}

test("a lock is held by one until it is given back, in the same process too", async () => {
  const lock = await takeLock(path, "alignreg train");
  expect(lockHolder(path)).toMatchObject({
    kind: "holder",
    record: { pid: process.pid, what: "alignreg train" },
  });
  const refused = takeLock(path, "alignreg demo");
  await expect(refused).rejects.toThrow(LockedError);
  await expect(refused).rejects.toThrow(
    new RegExp(
      `^${folder} is in use: alignreg train, process ${process.pid} on .+, has been at work in it since 20`,
    ),
  );
  lock.release();
  lock.release();
  expect(readdirSync(folder)).toEqual([]);
  expect(lockHolder(path)).toBeNull();
  (await takeLock(path, "alignreg train")).release();
});

/** One after another may be in, on a busy machine; never two together. */
function expectOneAtATime(results: readonly StartResult[]): void {
  const outcomes = results.map(({ outcome }) => outcome);
  expect(outcomes).toContain("in");
  expect(
    outcomes.filter((outcome) => outcome !== "in" && outcome !== "out"),
    JSON.stringify(results),
  ).toEqual([]);
}

test("a name that is taken is nobody else's, whatever the other draft says", () => {
  const [first, second] = [
    draft(path, lockText(record({ token: "a" }))),
    draft(path, lockText(record({ token: "b" }))),
  ];
  expect(claim(path, first)).toBe(true);
  expect(claim(path, second)).toBe(false);
  expect(readLock(path)?.named).toMatchObject({ record: { token: "a" } });
  // As where the answer of a network file system is lost and the question is asked again.
  expect(claim(path, first)).toBe(true);
  discard(first);
  discard(second);
});

describe("of starters at once", () => {
  const starters = new Starters(4);
  test.each([
    { name: "where there is none", prepare: () => undefined },
    { name: "on a dead one", prepare: () => leaveDeadLock(path) },
  ])("one gets in, $name", async ({ prepare }) => {
    for (let round = 0; round < 5; round++) {
      prepare();
      expectOneAtATime(await starters.round(path));
      expect(lockFiles(path)).toEqual([]);
    }
  });

  test("one gets in when the last was killed inside", async () => {
    const [killed] = (await starters.round(path, { dies: true })).filter(({ outcome }) => outcome === "in");
    expect(killed.message).toBe("killed");
    // One that comes after the first was killed takes its lock over, and is killed as well.
    expect(lockFiles(path)).toHaveLength(1);
    expectOneAtATime(await starters.round(path));
    expect(readdirSync(folder)).toEqual([]);
    starters.end();
  });
});

describe("is taken over at once, and the dead one's file goes, when", () => {
  test.each<[string, () => void]>([
    ["its process is gone", () => leave({ pid: deadPid() })],
    ["its number is another process's now", () => leave({ pid: process.pid, start: "1" })],
    [
      "an earlier version wrote the number of a process that is gone",
      () => writeFileSync(path, `${deadPid()}\n`),
    ],
    ["an earlier version in a container wrote our own number", () => writeFileSync(path, `${process.pid}\n`)],
    [
      "an earlier version wrote a number that was given again later",
      () => {
        writeFileSync(path, `${process.ppid}\n`);
        utimesSync(path, 1e9, 1e9);
      },
    ],
  ])("%s", async (_, prepare) => {
    prepare();
    expect(lockHolder(path)).toBeNull();
    const lock = await takeLock(path, "alignreg train");
    expect(readdirSync(folder)).toEqual(["lock.1"]);
    await expect(takeLock(path, "alignreg train")).rejects.toThrow(LockedError);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("its process is dead and not buried", async ({ skip }) => {
    if (process.platform !== "linux") skip("no /proc: only Linux tells the dead from the living by it");
    // The shell never waits for its child, which stays a zombie.
    const shell = spawn("sh", ["-c", "sh -c 'echo $$; exec sleep 0.05' & exec sleep 30"]);
    const [line] = (await once(shell.stdout, "data")) as [Buffer];
    const pid = Number(line.toString());
    const start = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ")[19];
    expect(isRunning({ ...thisProcess(), pid, start })).toBe(true);
    await until(() => readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "));
    leave({ pid, start });
    (await takeLock(path, "alignreg train")).release();
    shell.kill();
  });
});

test("an earlier version's living process is respected", async () => {
  writeFileSync(path, `${process.ppid}\n`);
  expect(lockHolder(path)).toEqual({ kind: "number", pid: process.ppid });
  await expect(takeLock(path, "alignreg train")).rejects.toThrow(`process ${process.ppid} is at work in it.`);
});

test("others' files with such names stay, and count for nothing", async () => {
  writeFileSync(join(folder, "lock.2026"), "notes");
  mkdirSync(join(folder, "lock.7"));
  writeFileSync(path, "of another program");
  const lock = await takeLock(path, "alignreg train");
  expect(readdirSync(folder).sort()).toEqual(["lock", "lock.2026", "lock.2027", "lock.7"]);
  await expect(takeLock(path, "alignreg train")).rejects.toThrow(LockedError);
  lock.release();
  expect(readdirSync(folder).sort()).toEqual(["lock", "lock.2026", "lock.7"]);
});

test.skipIf(process.platform === "win32")("a pipe of its name is waited for by nobody", async () => {
  execFileSync("mkfifo", [path, join(folder, "lock.3")]);
  expect(lockHolder(path)).toBeNull();
  (await takeLock(path, "alignreg train")).release();
  expect(readdirSync(folder).sort()).toEqual(["lock", "lock.3"]);
});

describe("another system's holder", () => {
  test.each<[string, Partial<LockRecord>]>([
    ["of another host", elsewhere],
    [
      "of another container, whose first process has our number",
      { pidNamespace: "pid:[1]", pid: process.pid },
    ],
    ["of this host before it was started anew", { boot: "the last one", pid: process.pid }],
    ["that could not say", { boot: null, start: null }],
  ])("%s is respected while its last sign of life is fresh", async (_, values) => {
    leave(values, 0.7);
    const refused = takeLock(path, "alignreg train", quick);
    await expect(refused).rejects.toThrow(
      "Whether it still runs cannot be asked from here; its last sign of life is 1 s old",
    );
    await expect(refused).rejects.toThrow(`delete ${path}.`);
    expect(lockHolder(path)).toMatchObject({ kind: "holder" });
  });

  test("is taken over after a silence, and its file goes", async () => {
    leave(elsewhere, 2);
    const lock = await takeLock(path, "alignreg train", quick);
    expect(readdirSync(folder)).toEqual(["lock.1"]);
    lock.release();
  });

  test("whose heart beats again while it is watched is respected, whatever its clock says", async () => {
    leave(elsewhere, 3600);
    const refused = takeLock(path, "alignreg train", { ...quick, beatSeconds: 0.4 });
    await wait(300);
    writeFileSync(path, lockText(record(elsewhere)).replace("0000000000", "0000000001"));
    utimesSync(path, 1e9, 1e9);
    await expect(refused).rejects.toThrow(LockedError);
  });

  test("that has not written its file to the end is waited for, and is nobody after a silence", async () => {
    const text = lockText(record());
    for (const part of ["", text.slice(0, 5), text.slice(0, 100), text.replace("1", "2")]) {
      writeFileSync(path, part);
      await expect(takeLock(path, "alignreg train", quick), part).rejects.toThrow("does not say by whom");
      utimesSync(path, 1e9, 1e9);
      const lock = await takeLock(path, "alignreg train", quick);
      expect(readdirSync(folder)).toEqual(["lock.1"]);
      lock.release();
    }
  });
});

/** A process that takes the lock, says so, and does what it is told. */
async function holder(then: string): Promise<ChildProcess> {
  const script = `
    import { takeLock } from ${JSON.stringify(new URL("./lock.ts", import.meta.url).href)};
    const lock = await takeLock(${JSON.stringify(path)}, "a test", ${JSON.stringify(quick)});
    process.stdout.write("held\\n");
    ${then}`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module"]);
  child.stdin.end(script);
  await once(child.stdout, "data");
  return child;
}

const beats = () => readFileSync(path, "utf8").split("\n")[1];

/** Processes whose command line names the lock: its heartbeats. */
const heartbeats = () => processesWith(path).filter(({ commandLine }) => commandLine.includes("--eval"));

describe("the heartbeat", () => {
  beforeEach(({ skip }) => {
    if (noProcesses) skip(noProcesses);
  });

  test("goes on while its holder's event loop is blocked, and while it is stopped", async () => {
    const child = await holder("for (;;);");
    const first = beats();
    await until(() => beats() > first);
    child.kill("SIGSTOP");
    await wait(50);
    const second = beats();
    await until(() => Number(beats()) > Number(second) + 1);
    child.kill("SIGKILL");
    await once(child, "exit");
    await until(() => heartbeats().length === 0);
    (await takeLock(path, "alignreg train")).release();
  });

  test("keeps nobody alive, and the end of a process gives its locks back", async () => {
    const child = await holder("");
    const [code] = (await once(child, "exit")) as [number];
    expect(code).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
    await until(() => heartbeats().length === 0);
  });

  test("is started anew when its process is killed", async () => {
    const lock = await takeLock(path, "a test", quick);
    const pid = () => heartbeats()[0]?.pid ?? 0;
    await until(() => pid() > 0);
    const killed = pid();
    process.kill(killed, "SIGKILL");
    await until(() => pid() > 0 && pid() !== killed);
    const { mtimeMs } = statSync(path);
    await until(() => statSync(path).mtimeMs > mtimeMs);
    lock.release();
    await until(() => heartbeats().length === 0);
  });
});

describe("a lock that is removed while it is held", () => {
  test("is put back when nobody has taken it", async () => {
    const lock = await takeLock(path, "a test", quick);
    rmSync(path);
    await until(() => existsSync(path));
    lock.check();
    await expect(takeLock(path, "another")).rejects.toThrow(LockedError);
    const before = beats();
    await until(() => beats() > before);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is lost when another has taken it, whose file stays", async () => {
    const lock = await takeLock(path, "a test", quick);
    rmSync(path);
    leave({ ...elsewhere, token: "of another" });
    await until(() => lock.lost.aborted);
    expect(lock.lost.reason).toBeInstanceOf(LockLostError);
    expect(() => lock.check()).toThrow("no longer this process's to write in: ");
    lock.release();
    expect(readLock(path)?.named).toMatchObject({ record: { token: "of another" } });
  });

  test("is lost to the next generation, too", async () => {
    const lock = await takeLock(path, "a test", quick);
    rmSync(path);
    const later = join(folder, "lock.1");
    writeFileSync(later, lockText(record({ token: "of another" })));
    expect(() => lock.check()).toThrow(LockLostError);
    lock.release();
    expect(readdirSync(folder)).toEqual(["lock.1"]);
  });

  test("is lost with its folder", async () => {
    const lock = await takeLock(path, "a test", quick);
    rmSync(folder, { recursive: true });
    expect(() => lock.check()).toThrow("the folder has been removed");
    lock.release();
    expect(existsSync(folder)).toBe(false);
  });
});

test("a folder that is not there, or full, is named", async () => {
  await expect(takeLock(join(folder, "missing", "lock"), "a test")).rejects.toThrow(
    `Cannot write ${join(folder, "missing", "lock")}`,
  );
});
