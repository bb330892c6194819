/** docs/photographs.md says what docs/results/photographs.json holds. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PAGE, RECORD, isComplete, pageOf } from "../tools/photographs/page.ts";
import { recordFile } from "../tools/photographs/record.ts";

const record = recordFile.read(RECORD)!;

test("the page of the comparison on photographs is made of its record", async () => {
  expect(readFileSync(PAGE, "utf8")).toBe(await pageOf(record));
});

test("the record has every row for every seed", () => {
  expect(isComplete(record)).toBe(true);
  expect(isComplete({ ...record, results: record.results.slice(1) })).toBe(false);
});

test("a score that changes shows on the page", async () => {
  const [first, ...rest] = record.results;
  const clean = { ...first.scores.clean, value: first.scores.clean.value - 0.3 };
  const changed = { ...record, results: [{ ...first, scores: { ...first.scores, clean } }, ...rest] };
  expect(await pageOf(changed)).not.toBe(await pageOf(record));
});
