/** docs/photographs.md says what docs/results/photographs.json holds. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Gain, average, of } from "../tools/photographs/compare.ts";
import { conclusions } from "../tools/photographs/conclusions.ts";
import { PAGE, RECORD, isComplete, pageOf } from "../tools/photographs/page.ts";
import { type Row, cellName, compared, shifts } from "../tools/photographs/plan.ts";
import { type Result, recordFile } from "../tools/photographs/record.ts";

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

test("each training has a file of its own, and takes λ of a row that comes before it", () => {
  const cells = compared().flatMap(({ shift, head, row: { row } }) =>
    [true, false].flatMap((isChoice) =>
      [null, 0.1].map((lambda) => cellName({ shift, head, row, lambda, seed: 0, isChoice })),
    ),
  );
  expect(new Set(cells).size).toBe(cells.length);
  for (const [i, { shift, head, row }] of compared().entries()) {
    if (row.lambdaOf === undefined) continue;
    const earlier = compared().slice(0, i);
    expect(earlier).toContainEqual({
      shift,
      head,
      row: expect.objectContaining({ row: row.lambdaOf, align: row.align }) as Row,
    });
  }
});

test("what the numbers do not bear out is not said", () => {
  const views = ({ row }: { row: string }) => row === "va";
  const none = record.results.map((result) =>
    views(result) ? { ...result, scores: base(result.shift, result.head, result.seed) } : result,
  );
  expect(() => conclusions({ ...record, results: none })).toThrow(
    /does not show that "bring the robustness"/,
  );
});

const base = (shift: string, head: Result["head"], seed: number) =>
  record.results.find(
    (each) => each.row === "base" && each.shift === shift && each.head === head && each.seed === seed,
  )!.scores;

test("a gain is the mean over seeds of what a row has more, under each shift and head that has both rows", () => {
  const gain = new Gain(record, "rwa, hidden layer aligned", "vwa", "robust");
  expect(gain.count).toBe(shifts.length);
  const mean = (row: string) =>
    average(of(record, shifts[1], 100, row).map(({ scores }) => scores.robust.value));
  expect(gain.means[1]).toBeCloseTo(mean("rwa, hidden layer aligned") - mean("vwa"), 12);
  expect(gain.above + gain.below).toBeLessThanOrEqual(gain.count);
  const turned = new Gain(record, "vwa", "rwa, hidden layer aligned", "robust");
  expect([turned.above, turned.below]).toEqual([gain.below, gain.above]);
});
