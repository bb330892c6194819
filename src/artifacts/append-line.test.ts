import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { smallDisk } from "../../test/small-disk.ts";
import { appendLine } from "./append-line.ts";

test("lines follow one another", () => {
  const folder = mkdtempSync(join(tmpdir(), "alignreg-append-"));
  try {
    const path = join(folder, "lines");
    for (const line of ["one", "two"]) appendLine(path, line);
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
    expect(() => appendLine(folder, "line")).toThrow("it is a folder (EISDIR)");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a line for which a full disk has no room leaves nothing of itself", (context) => {
  const disk = smallDisk(16 * 1024);
  if (typeof disk === "string") return context.skip(disk);
  try {
    const path = join(disk.path, "lines");
    appendLine(path, "one");
    writeFileSync(join(disk.path, "other"), new Uint8Array(4 * 1024));
    expect(() => appendLine(path, "x".repeat(20 * 1024))).toThrow(`Cannot write ${path}: the disk is full`);
    expect(readFileSync(path, "utf8")).toBe("one\n");
  } finally {
    disk.remove();
  }
});
