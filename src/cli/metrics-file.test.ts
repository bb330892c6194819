import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { MetricsLine } from "../train/index.ts";
import { MetricsFile } from "./metrics-file.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-metrics-"));
afterAll(() => rmSync(folder, { recursive: true }));

const path = join(folder, "metrics.jsonl");
const line = (kind: MetricsLine["kind"], step: number): MetricsLine => ({
  ...{ kind, step, epoch: Math.ceil(step / 60) },
  ...{ learningRate: 0.1, loss: 1 / step, accuracy: 0.5 },
});
const file = new MetricsFile(path);
const lines = [line("step", 50), line("epoch", 60), line("step", 100), line("epoch", 120)];
const text = (count: number) =>
  lines
    .slice(0, count)
    .map((each) => `${JSON.stringify(each)}\n`)
    .join("");

beforeEach(() => rmSync(path, { force: true }));

test.each([
  ["more lines, and half of one", () => writeFileSync(path, `${text(4)}{"kind":"st`)],
  ["fewer lines", () => writeFileSync(path, text(1))],
  ["other lines", () => writeFileSync(path, "not ours\n")],
  ["no file", () => undefined],
])("goes on from the run's own history where it finds %s", async (_what, prepare) => {
  prepare();
  await file.write(lines.slice(0, 2));
  expect(readFileSync(path, "utf8")).toBe(text(2));
  for (const each of lines.slice(2)) file.append(each);
  expect(readFileSync(path, "utf8")).toBe(text(4));
});

test("without history there is no file", async () => {
  writeFileSync(path, text(4));
  await file.write([]);
  expect(existsSync(path)).toBe(false);
  await expect(file.write([])).resolves.toBeUndefined();
});

test("lastEpoch is the last line of an epoch", () => {
  expect(file.lastEpoch()).toBeUndefined();
  writeFileSync(path, `${text(4)}{"kind":"epoch"}\nnull\n{"kind":"epoch","st`);
  expect(file.lastEpoch()).toEqual(lines[3]);
  writeFileSync(path, text(3));
  expect(file.lastEpoch()).toEqual(lines[1]);
});
