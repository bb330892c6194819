import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseStudy } from "./parse.ts";
import { StudyFolder } from "./study-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "alignreg-study-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const text = "name: bare\ndata: { name: mnist }\nfamilies: [rotation]\nmethods: [base]\n";
const placed = { study: parseStudy(text, "bare.yaml"), directory: "/a" };

test.skipIf(process.platform === "win32").each([
  ["a pipe that nobody writes to", (path: string) => void execFileSync("mkfifo", [path])],
  ["a file of another study's form", (path: string) => writeFileSync(path, "{")],
])("where study.json is damaged and study.yaml is %s, the study is begun anew", async (_, leave) => {
  writeFileSync(join(folder, "study.json"), "{}");
  leave(join(folder, "study.yaml"));
  const notes: string[] = [];
  const lock = await new StudyFolder(folder).open(placed, text, (note) => notes.push(note));
  lock.release();
  expect(notes).toEqual([expect.stringContaining("study.json is damaged")]);
  expect(readFileSync(join(folder, "study.yaml"), "utf8")).toBe(text);
});

test("a folder in the place of study.yaml is named", async () => {
  mkdirSync(join(folder, "study.yaml"));
  await expect(new StudyFolder(folder).open(placed, text, () => undefined)).rejects.toThrow(
    /study\.yaml is no file, and one is to be written there/,
  );
});
