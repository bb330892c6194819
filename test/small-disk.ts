/** A file system that is soon full: a tmpfs of a given size, where this process may mount one. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SmallDisk {
  readonly path: string;
  /** Unmounts it. */
  remove(): void;
}

/** A new, empty one; or why there can be none. */
export function smallDisk(bytes: number): SmallDisk | string {
  if (process.platform !== "linux") return "no small disk: tmpfs is Linux's";
  const path = mkdtempSync(join(tmpdir(), "alignreg-disk-"));
  const remove = () => rmSync(path, { recursive: true, force: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path], { stdio: "pipe" });
  } catch (error) {
    remove();
    return `no small disk: nothing can be mounted here (${String((error as { stderr?: Buffer }).stderr).trim()})`;
  }
  return {
    path,
    remove() {
      execFileSync("umount", [path]);
      remove();
    },
  };
}
