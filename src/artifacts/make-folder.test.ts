import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeFolder, removeEmpty } from "./make-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-folders-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([(path: string) => path, (path: string) => relative(process.cwd(), path)])(
  "folders that were made go again with those above them, up to one that holds something",
  (given) => {
    mkdirSync(join(folder, "there"), { recursive: true });
    const made = makeFolder(given(join(folder, "there", "a", "b", "c")));
    expect(made).toEqual(["a/b/c", "a/b", "a"].map((path) => join(folder, "there", path)));
    expect(makeFolder(given(join(folder, "there", "a")))).toEqual([]);
    writeFileSync(join(folder, "there", "a", "kept"), "");
    removeEmpty(made);
    expect(existsSync(join(folder, "there", "a", "b"))).toBe(false);
    expect(existsSync(join(folder, "there", "a", "kept"))).toBe(true);
    rmSync(join(folder, "there"), { recursive: true });
  },
);
