import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { removeLeftovers } from "./leftovers.ts";
import { temporaryName, writerOf } from "./temporary-name.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "alignreg-leftovers-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process number that was in use a moment ago. */
const deadPid = () => spawnSync(process.execPath, ["--version"]).pid;
const ofWriter = (pid: number) => temporaryName().replace(`-${process.pid}-`, `-${pid}-`);
const put = (name: string) => writeFileSync(join(folder, name), "half");

test("what killed processes left goes", () => {
  put(ofWriter(deadPid()));
  removeLeftovers(folder);
  expect(readdirSync(folder)).toEqual([]);
});

test("what looks alike stays: others' files, folders and links", () => {
  const pid = deadPid();
  const kept = ["notes.2026", "model.onnx.1", "file.tmp", ".alignreg-1-2-3.tmp", `${ofWriter(pid)}.bak`];
  kept.forEach(put);
  const asFolder = ofWriter(pid);
  mkdirSync(join(folder, asFolder));
  mkdirSync(join(folder, "v1.2"));
  const asLink = ofWriter(pid);
  symlinkSync("notes.2026", join(folder, asLink));
  removeLeftovers(folder);
  expect(readdirSync(folder).sort()).toEqual([...kept, asFolder, "v1.2", asLink].sort());
});

test("a living writer's stays, and another system's until it is an hour old", () => {
  const own = temporaryName();
  const parent = ofWriter(process.ppid);
  const { host } = writerOf(own)!;
  const foreign = temporaryName().replace(host, "0".repeat(8));
  const foreignAndOld = temporaryName().replace(host, "0".repeat(8));
  [own, parent, foreign, foreignAndOld].forEach(put);
  const twoHoursAgo = Date.now() / 1000 - 7200;
  utimesSync(join(folder, foreignAndOld), twoHoursAgo, twoHoursAgo);
  removeLeftovers(folder);
  expect(readdirSync(folder).sort()).toEqual([own, parent, foreign].sort());
});

test("a folder that is not there has none", () => {
  expect(() => removeLeftovers(join(folder, "missing"))).not.toThrow();
});
