import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { StudyLockedError, lockHolder, takeLock } from "./lock.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-lock-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a lock is held until it is given back", () => {
  const path = join(folder, "held");
  const release = takeLock(path);
  expect(lockHolder(path)).toBe(process.pid);
  expect(() => takeLock(path)).toThrow(StudyLockedError);
  expect(() => takeLock(path)).toThrow(`Process ${process.pid} is running the study`);
  release();
  expect(existsSync(path)).toBe(false);
  takeLock(path)();
});

test("what a dead process left is taken over, and so is a file without a number", () => {
  const path = join(folder, "left");
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  for (const content of [`${pid}\n`, ""]) {
    writeFileSync(path, content);
    expect(lockHolder(path)).toBeNull();
    const release = takeLock(path);
    expect(readFileSync(path, "utf8")).toBe(`${process.pid}\n`);
    release();
  }
});
