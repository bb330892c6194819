/** Texts of others in what is written to be read: tables, pictures and pages. And what Node prints of an error that nobody catches. */
import { spawnSync } from "node:child_process";
import { describe, expect, test, vi } from "vitest";
import {
  type MethodResult,
  type ReportRecord,
  accuracyChart,
  renderReport,
  renderTable,
} from "../../src/report/index.ts";
import {
  type ColumnSummary,
  type StudySummary,
  renderStudyChart,
  renderStudyCsv,
  renderStudyLatex,
  renderStudyMarkdown,
  renderStudyText,
} from "../../src/report/study/index.ts";
import { Notes, UsageError } from "../../src/tensor/index.ts";
import { expectHarmless, hostile } from "./hostile-text.ts";

const column = (id: string, mean: number | null): ColumnSummary => {
  const score = mean === null ? null : { mean, standardDeviation: 0.01, difference: null };
  return {
    column: `${id}${hostile}`,
    label: `=${id}${hostile}`,
    method: `${id}${hostile}`,
    regularizer: hostile,
    lambda: null,
    seeds: mean === null ? 0 : 2,
    missing: mean === null ? [`seed 0 failed (${hostile})`] : [],
    scores: score && { cleanAccuracy: score, robustAccuracy: score, invarianceScore: score },
  };
};
const summary: StudySummary = {
  name: `=1+1${hostile}`,
  baseline: { column: `a${hostile}`, label: `a${hostile}` },
  seeds: [0, 1],
  families: [{ family: `@${hostile}`, columns: [column("a", 0.9), column("b", 0.8), column("c", null)] }],
};

const around = (value: number) => ({ value, low: value, high: value });
const results = ["a", "b"].map((name): MethodResult => ({
  method: name + hostile,
  regularizer: hostile,
  lambda: 1,
  cleanAccuracy: around(0.9),
  robustAccuracy: around(0.8),
  invarianceScore: around(0.3),
  members: [0.9, 0.8].map((accuracy, i) => ({ name: `${i}${hostile}`, accuracy })),
  alignmentGap: { mean: around(4.2), max: 17, quantiles: [] },
  efficiency: 0.2,
  samples: 100,
  classes: 3,
  trainSeconds: 41,
  testSeconds: 4,
}));
const picture = { width: 2, height: 2, channels: 1, pixels: [0, 0.5, 1, 0.25] } as const;
const record: ReportRecord = {
  title: hostile,
  dataset: hostile,
  family: { name: hostile, unit: hostile },
  results,
  worstViews: [
    {
      label: 1,
      clean: picture,
      worst: picture,
      worstMember: hostile,
      predictions: [{ method: hostile, clean: 1, worst: 0 }],
    },
  ],
  classNames: [hostile, hostile, hostile],
  manifest: {
    command: hostile,
    config: { [hostile]: hostile, list: [hostile] },
    data: { name: hostile, samples: 1, sha256: hostile },
    versions: { [hostile]: hostile },
    machine: { platform: hostile, cpu: hostile, cores: 2, memoryGB: 8 },
    startedAt: hostile,
  },
};

describe("what would do harm is text in", () => {
  test("tables of a terminal", () => {
    expectHarmless(renderTable(results), "the table");
    expectHarmless(renderStudyText(summary), "the study's text");
    const widths = new Set(
      renderTable(results)
        .split("\n")
        .map((line) => line.length),
    );
    expect(widths.size).toBe(1);
  });

  test("Markdown", () => {
    const text = renderStudyMarkdown(summary);
    expectHarmless(text, "Markdown");
    expect(text).not.toContain("<script");
    // Five columns of a table at every line of it: no | of a name parts a cell.
    const rows = text.split("\n").filter((line) => line.startsWith("|"));
    for (const row of rows) expect(row.replaceAll("\\|", "").split("|")).toHaveLength(6);
    expect(text.replaceAll("\\`", "")).not.toContain("`");
  });

  test("CSV", () => {
    const text = renderStudyCsv(summary);
    expectHarmless(text, "CSV");
    expect(text.trimEnd().split("\n")).toHaveLength(1 + 3 * 3);
    expect(text).not.toMatch(/(^|,)"?[=@]/m);
    expect(text).toContain(`"'=1+1`);
  });

  test("LaTeX", () => {
    const text = renderStudyLatex(summary);
    expectHarmless(text, "LaTeX");
    expect(text).toContain("U+001B{]}0;owned");
  });

  test("pictures, which are XML", async () => {
    for (const svg of [
      await renderStudyChart(summary.families[0]),
      await accuracyChart(results, { axisLabel: hostile }),
    ]) {
      expectHarmless(svg!, "the chart");
      expect(svg).not.toContain("<script");
      expect(svg!.match(/<title>/g)?.length).toBeGreaterThan(1);
    }
  });

  test("the page", async () => {
    const page = await renderReport(record);
    expectHarmless(page, "the page");
    expect(page).not.toContain("<script");
    expect(page).toContain("&lt;script&gt;");
  });

  test("notes that nobody takes", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    try {
      new Notes().add(`The model ${hostile}`);
      expectHarmless(String(warn.mock.lastCall?.[0]), "the note");
    } finally {
      warn.mockRestore();
    }
  });
});

test("an error keeps its message, and Node prints it harmlessly where nobody catches it", () => {
  const error = new UsageError(hostile, { cause: new Error(hostile) });
  expect(error.message).toBe(hostile);
  expect((error.cause as Error).message).toBe(hostile);
  const url = new URL("../../src/tensor/index.ts", import.meta.url).href;
  const script = `
    import { UsageError } from ${JSON.stringify(url)};
    const text = JSON.parse(process.env.HOSTILE);
    throw new UsageError(text, { cause: new Error(text) });`;
  const { stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", script],
    { encoding: "utf8", env: { ...process.env, HOSTILE: JSON.stringify(hostile) } },
  );
  expect(stderr).toContain("UsageError: ");
  expect(stderr).toContain("owned");
  expectHarmless(stderr, "Node");
});
