/** What a study does when the files that it reads back are not what it wrote. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { StudyResult } from "../src/study/index.ts";
import { cli, cliHere, removeFolder } from "./cli-process.ts";
import { cellsWith, decidedFiles, tinyStudy } from "./study-folder.ts";

// Cells run in processes of their own: seconds on a free machine, minutes on a busy one.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const folder = mkdtempSync(join(tmpdir(), "alignreg-damage-"));
afterAll(() => removeFolder(folder));

const file = join(folder, "study.yaml");
writeFileSync(file, tinyStudy("damaged"));
const whole = join(folder, "whole");
const run = (out: string) => cli("study", "run", file, "--out", out, "--jobs", "1");
const inStudy = (out: string, name: string) => join(out, name);
const cellOf = (out: string, values: Record<string, unknown>) =>
  join(out, "cells", cellsWith(out, values)[0]);

beforeAll(async () => {
  const { code, stderr } = await run(whole);
  expect(code, stderr).toBe(0);
  rmSync(inStudy(whole, "lock"), { force: true });
});

/** A file of the study, all of the files that are read back, by their place. */
const readBack = (out: string): string[] => [
  ...["study.json", "contents.json", "choices.json"].map((name) => inStudy(out, name)),
  ...["config.json", "manifest.json", "test-rotation.json"].map((name) =>
    join(cellOf(whole, { method: "base" }).replace(whole, out), name),
  ),
  join(cellOf(whole, { method: "rwa", lambda: 1 }).replace(whole, out), "validation-rotation.json"),
  join(cellOf(whole, { method: "rwa", lambda: 0 }).replace(whole, out), "model.onnx"),
  join(cellOf(whole, { method: "rwa", lambda: 0 }).replace(whole, out), "metrics.jsonl"),
];

const damages: readonly ((bytes: Buffer) => string | Uint8Array)[] = [
  () => "null",
  (bytes) => bytes.subarray(0, bytes.length >> 1),
  () => "{}",
  (bytes) => bytes.toString().replace('"version": 1', '"version": 99'),
];

test("files that are read back are named where they are damaged, and made again to the same bytes", async () => {
  const out = join(folder, "files");
  cpSync(whole, out, { recursive: true });
  const damage = (path: string, i: number) => writeFileSync(path, damages[i % 4](readFileSync(path)));
  readBack(out).forEach(damage);
  const looked = await cliHere("study", "status", out);
  expect(looked.code).toBe(1);
  expect(looked.stderr).toMatch(/^error: \S+study\.json is damaged: .*\. Run alignreg study run /);

  cpSync(inStudy(whole, "study.json"), inStudy(out, "study.json"));
  const status = await cliHere("study", "status", out);
  expect(status.code).toBe(0);
  expect(status.stdout).toContain("manifest.json is damaged: ");
  const collected = await cliHere("study", "collect", out, "--format", "json");
  expect(collected.stderr).toContain("test-rotation.json is damaged: ");
  const { cells } = JSON.parse(collected.stdout) as StudyResult;
  expect(cells.find(({ column }) => column === "base")?.runs).toEqual([
    { seed: 0, scores: null, error: expect.stringContaining("is damaged") as string },
  ]);
  expect(cells.find(({ column }) => column !== "base")?.lambda, "chosen by the scores").not.toBeUndefined();

  damage(inStudy(out, "study.json"), 0);
  const { code, stderr } = await run(out);
  expect(code, stderr).toBe(0);
  for (const path of readBack(out)) {
    // What nobody reads to go on is put right without a word.
    if (/(choices|config)\.json$/.test(path)) continue;
    expect(stderr).toContain(`${path} is damaged: `);
  }
  expect(decidedFiles(out)).toEqual(decidedFiles(whole));
});

test("folders in the place of files cost their cell alone, and others' files stay", async () => {
  const out = join(folder, "folders");
  cpSync(whole, out, { recursive: true });
  const base = cellOf(out, { method: "base" });
  rmSync(join(base, "manifest.json"));
  mkdirSync(join(base, "manifest.json", "v1.2"), { recursive: true });
  rmSync(inStudy(out, "results.json"));
  for (const name of ["notes.2026", "model.onnx.1"]) writeFileSync(inStudy(out, name), "mine");
  mkdirSync(inStudy(out, "v1.2"));
  const { code, stderr } = await run(out);
  expect(code).toBe(1);
  expect(stderr).toContain("manifest.json is no file, and one is to be written there. Move it away.");
  expect(stderr).toContain("1 of 5 trainings and tests failed");
  expect(stderr).not.toContain("bug");
  expect(readdirSync(out)).toEqual(expect.arrayContaining(["notes.2026", "model.onnx.1", "v1.2"]));
  expect(existsSync(join(base, "manifest.json", "v1.2"))).toBe(true);
});

test("a study of the time before versions is read as it is", async () => {
  const out = join(folder, "before");
  cpSync(whole, out, { recursive: true });
  for (const path of readdirSync(out, { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".json") || path === "results.json") continue;
    const content = JSON.parse(readFileSync(join(out, path), "utf8")) as Record<string, unknown>;
    const { version, ...rest } = content;
    delete rest.files;
    expect(version, path).toBe(1);
    const bare = path === "choices.json" ? rest.choices : path === "contents.json" ? rest.settings : rest;
    writeFileSync(join(out, path), JSON.stringify(bare));
  }
  const status = await cliHere("study", "status", out);
  expect(status.stdout).toContain("Study damaged: done");
  expect(status.stdout).not.toContain("is damaged");
});
