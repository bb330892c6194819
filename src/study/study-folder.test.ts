import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

test("where study.json is damaged, and study.yaml too, the study is begun anew", async () => {
  writeFileSync(join(folder, "study.json"), "{}");
  writeFileSync(join(folder, "study.yaml"), "{");
  const notes: string[] = [];
  const lock = await new StudyFolder(folder).open(placed, text, (note) => notes.push(note));
  lock.release();
  expect(notes).toEqual([expect.stringContaining("study.json is damaged")]);
  expect(readFileSync(join(folder, "study.yaml"), "utf8")).toBe(text);
});

test.skipIf(process.platform === "win32").each(["mkfifo", "mkdir"])(
  "what %s makes in the place of a study's file is named, and holds nobody up",
  async (command) => {
    for (const name of ["study.yaml", "study.json", "choices.json", "running.json"]) {
      const path = join(folder, name);
      execFileSync(command, [path]);
      await expect(new StudyFolder(folder).open(placed, text, () => undefined)).rejects.toThrow(
        `${path} is no file, and one is to be written there. Move it away.`,
      );
      rmSync(path, { recursive: true });
    }
  },
);
