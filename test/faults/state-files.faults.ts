/** Every file that a study leaves, replaced by what a fault may leave of it: nothing else is lost, and it is made again. */
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cliHere } from "../cli-process.ts";
import { decidedFiles, tinyStudy } from "../study-folder.ts";
import { useCompiledProcesses } from "../tools/compiled-processes.ts";

useCompiledProcesses();
const folder = mkdtempSync(join(tmpdir(), "alignreg-state-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const whole = join(folder, "whole");
const study = join(folder, "study.yaml");
writeFileSync(study, tinyStudy("states"));
const run = (out: string) => cliHere("study", "run", study, "--out", out, "--jobs", "1", "--retries", "0");

const ways: Readonly<Record<string, (bytes: Buffer) => string | Uint8Array>> = {
  null: () => "null",
  "{}": () => "{}",
  cut: (bytes) => bytes.subarray(0, bytes.length >> 1),
  "of a foreign version": (bytes) => {
    const text = bytes.toString("latin1");
    return text.includes('"version": 1')
      ? text.replace('"version": 1', '"version": 99')
      : Buffer.concat([Buffer.from("version 99\n"), bytes]);
  },
};

const json = (path: string) => JSON.parse(readFileSync(path, "utf8")) as object;

/** Kinds of files, as in "cells/<id>/model.onnx": a cell's are those of any other. */
const kindOf = (file: string): string => file.replace(/cells\/[^/]+/, "cells/<id>");

/** Whose damage nobody sees as long as nothing is made of them: they are put right by the next run, without a word. */
const silent =
  /^(?:choices\.json|results\.json|tables\.\w+|chart-.*\.svg|study\.yaml|cells\/<id>\/config\.json)$/;

let files: string[] = [];
beforeAll(async () => {
  const { code, stderr } = await run(whole);
  expect(code, stderr).toBe(0);
  files = readdirSync(whole, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(whole.length + 1))
    .sort();
  expect(files.length).toBeGreaterThan(15);
});

test.each(Object.entries(ways))(
  "each file alone is %s: looking on does no harm, and a run makes it again",
  async (way, damage) => {
    const unsaid = new Set<string>();
    for (const file of files) {
      const out = join(folder, "out");
      cpSync(whole, out, { recursive: true });
      const path = join(out, file);
      writeFileSync(path, damage(readFileSync(path)));
      const what = `${file}, ${way}`;

      for (const look of [["status"], ["collect", "--format", "json"]]) {
        const { code, stderr } = await cliHere("study", look[0], out, ...look.slice(1));
        expect(stderr, what).not.toContain("bug");
        if (code !== 0) expect(stderr, what).toMatch(/^error: \S+study\.json is damaged: /m);
      }
      const { code, stderr } = await run(out);
      expect(stderr, what).not.toContain("bug");
      expect(code, `${what}: ${stderr}`).toBe(0);
      if (!stderr.includes(`${file} is damaged: `)) unsaid.add(kindOf(file));
      expect(decidedFiles(out), what).toEqual(decidedFiles(whole));
      // Those with times, too, are what they were.
      if (path.endsWith(".json"))
        expect(Object.keys(json(path)), what).toEqual(Object.keys(json(join(whole, file))));
      rmSync(out, { recursive: true });
    }
    expect([...unsaid].filter((kind) => !silent.test(kind))).toEqual([]);
  },
);
