import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
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

beforeEach(() => {
  rmSync(path, { force: true });
  for (const each of lines) file.append(each);
});

describe("cutBackTo", () => {
  test.each([
    { step: 49, left: 0 },
    { step: 50, left: 1 },
    { step: 60, left: 2 },
    { step: 119, left: 3 },
    { step: 500, left: 4 },
  ])("keeps $left lines after $step steps", ({ step, left }) => {
    expect(readFileSync(path, "utf8")).toBe(text(4));
    file.cutBackTo(step);
    if (left === 0) expect(existsSync(path)).toBe(false);
    else expect(readFileSync(path, "utf8")).toBe(text(left));
  });

  test.each(['{"kind":"st', '{"kind":"step","step":7', "\n", "not ours\n"])(
    "drops a last line of %j",
    (rest) => {
      writeFileSync(path, text(4) + rest);
      file.cutBackTo(500);
      expect(readFileSync(path, "utf8")).toBe(text(4));
    },
  );

  test("starts over at step 0, whether there is a file or not", () => {
    file.cutBackTo(0);
    expect(existsSync(path)).toBe(false);
    expect(() => file.cutBackTo(0)).not.toThrow();
  });
});

test("lastEpoch is the last line of an epoch", () => {
  expect(file.lastEpoch()).toEqual(lines[3]);
  file.cutBackTo(110);
  expect(file.lastEpoch()).toEqual(lines[1]);
  file.cutBackTo(0);
  expect(file.lastEpoch()).toBeUndefined();
});
