import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { smallDisk } from "../../test/small-disk.ts";
import { WriteError } from "./write-error.ts";
import { writeWhole } from "./write-whole.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "alignreg-write-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Does something in the folder as a user without rights of root. */
async function asSomebody(work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work();
  const nobody = 65534;
  chownSync(folder, nobody, nobody);
  process.seteuid?.(nobody);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}

const content = (path: string) => readFileSync(path, "utf8");

test("writes text and bytes, and leaves nothing beside them", async () => {
  await writeWhole(join(folder, "text"), "λ = 0.1");
  await writeWhole(join(folder, "bytes"), Uint8Array.of(9, 1, 2, 9).subarray(1, 3));
  expect(content(join(folder, "text"))).toBe("λ = 0.1");
  expect([...readFileSync(join(folder, "bytes"))]).toEqual([1, 2]);
  expect(readdirSync(folder).sort()).toEqual(["bytes", "text"]);
});

test("takes names of 255 bytes", async () => {
  const path = join(folder, "é".repeat(125) + ".json");
  await writeWhole(path, "whole");
  expect(content(path)).toBe("whole");
});

test("writers at once leave one's file, whole", async () => {
  const path = join(folder, "file");
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(100_000));
  await Promise.all(texts.map((text) => writeWhole(path, text)));
  expect(texts).toContain(content(path));
  expect(readdirSync(folder)).toEqual(["file"]);
});

test("a file that is replaced keeps its mode, a new one has the usual", async () => {
  const path = join(folder, "file");
  writeFileSync(path, "old", { mode: 0o640 });
  chmodSync(path, 0o606);
  await writeWhole(path, "new");
  expect(statSync(path).mode & 0o777).toBe(0o606);
  await writeWhole(join(folder, "other"), "new");
  expect(statSync(join(folder, "other")).mode & 0o777).toBe(0o666 & ~process.umask());
});

test("symbolic links stay, and the files behind them are written, be they there or not", async () => {
  mkdirSync(join(folder, "real"));
  writeFileSync(join(folder, "real", "old"), "old");
  symlinkSync(join("real", "old"), join(folder, "link"));
  symlinkSync("link", join(folder, "link-to-link"));
  symlinkSync(join("real", "new"), join(folder, "dangling"));
  await writeWhole(join(folder, "link-to-link"), "new");
  await writeWhole(join(folder, "dangling"), "new");
  expect(readdirSync(join(folder, "real")).sort()).toEqual(["new", "old"]);
  expect(["old", "new"].map((name) => content(join(folder, "real", name)))).toEqual(["new", "new"]);
  expect(lstatSync(join(folder, "link-to-link")).isSymbolicLink()).toBe(true);
  expect(lstatSync(join(folder, "dangling")).isSymbolicLink()).toBe(true);
});

test("devices are written to, not replaced", async () => {
  await writeWhole("/dev/null", "gone");
  expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
});

describe("names what it cannot write, and leaves what is there", () => {
  test("a folder in the file's place", async () => {
    mkdirSync(join(folder, "file"));
    const path = join(folder, "file");
    await expect(writeWhole(path, "new")).rejects.toThrow(`Cannot write ${path}: it is a folder (EISDIR).`);
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test("a folder that is missing, and one that is a file", async () => {
    const path = join(folder, "missing", "file");
    await expect(writeWhole(path, "new")).rejects.toThrow(`folder ${join(folder, "missing")} does not exist`);
    writeFileSync(join(folder, "file"), "old");
    await expect(writeWhole(join(folder, "file", "in"), "new")).rejects.toThrow(WriteError);
    expect(content(join(folder, "file"))).toBe("old");
  });

  test("links in a circle", async () => {
    symlinkSync("b", join(folder, "a"));
    symlinkSync("a", join(folder, "b"));
    await expect(writeWhole(join(folder, "a"), "new")).rejects.toThrow("ELOOP");
  });

  test("a file, or a folder, that its owner has protected", async () => {
    const path = join(folder, "file");
    // Nothing is protected from root.
    await asSomebody(async () => {
      writeFileSync(path, "old", { mode: 0o444 });
      await expect(writeWhole(path, "new")).rejects.toThrow("writing is not allowed (EACCES)");
      chmodSync(path, 0o644);
      chmodSync(folder, 0o555);
      await expect(writeWhole(path, "new")).rejects.toThrow("writing is not allowed (EACCES)");
      chmodSync(folder, 0o755);
    });
    expect(content(path)).toBe("old");
  });

  test("a disk that takes a part of what is written", async (context) => {
    const disk = smallDisk(64 * 1024);
    if (typeof disk === "string") return context.skip(disk);
    try {
      const path = join(disk.path, "file");
      await writeWhole(path, "old");
      const error = await writeWhole(path, new Uint8Array(80 * 1024)).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(WriteError);
      expect((error as Error).message).toBe(
        `Cannot write ${path}: the disk is full (ENOSPC). Make room, and run the command again.`,
      );
      expect(content(path)).toBe("old");
      expect(readdirSync(disk.path)).toEqual(["file"]);
      await writeWhole(path, new Uint8Array(40 * 1024));
      expect(statSync(path).size).toBe(40 * 1024);
    } finally {
      disk.remove();
    }
  });

  // The same without a right to mount: write takes what is below the limit, the next call fails.
  test("a limit on the size of files", ({ skip }) => {
    if (process.platform === "win32") skip("not on Windows: it limits no sizes of files");
    writeFileSync(join(folder, "file"), "old");
    const module = new URL("./write-whole.ts", import.meta.url).href;
    const script = `
      const { writeWhole } = await import(${JSON.stringify(module)});
      await writeWhole(${JSON.stringify(join(folder, "file"))}, new Uint8Array(20_000));`;
    const node = `"${process.execPath}" --import tsx --input-type=module`;
    const run = spawnSync("bash", ["-c", `ulimit -f 16; exec ${node}`], { input: script, encoding: "utf8" });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("files may not be that large there (EFBIG)");
    expect(content(join(folder, "file"))).toBe("old");
    expect(readdirSync(folder)).toEqual(["file"]);
  });
});

test("a killed writer leaves the old file", () => {
  const path = join(folder, "file");
  writeFileSync(path, "old");
  const module = new URL("./write-whole.ts", import.meta.url).href;
  const script = `
    const { writeWhole } = await import(${JSON.stringify(module)});
    setInterval(() => process.kill(process.pid, "SIGKILL"), 5);
    for (;;) await writeWhole(${JSON.stringify(path)}, new Uint8Array(50_000_000));`;
  const run = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module"], { input: script });
  expect(run.signal).toBe("SIGKILL");
  expect(existsSync(path)).toBe(true);
  expect([3, 50_000_000]).toContain(statSync(path).size);
});
