import { describe, expect, test } from "vitest";
import type { CellRun, StudyResult } from "../../study/result.ts";
import { summarize } from "../../study/summary.ts";
import { latexText } from "../../text/index.ts";
import { readingNotes } from "./notes.ts";
import { renderStudyCsv, renderStudyLatex, renderStudyMarkdown, renderStudyText } from "./index.ts";

function run(seed: number, clean: number, robust: number, invariance: number): CellRun {
  const interval = (value: number) => ({ value, low: 0, high: 1 });
  const terms = { cleanRisk: 0.1, meanGap: 1, sum: 1.1, worstCaseRisk: 0.5, holds: true };
  const scores = {
    samples: 100,
    classes: 10,
    cleanAccuracy: interval(clean),
    robustAccuracy: interval(robust),
    invarianceScore: interval(invariance),
    members: [],
    alignmentGap: { mean: interval(1), max: 2, quantiles: [] },
    efficiency: 0.5,
    bound: { error: terms, softmaxError: terms, crossEntropy: terms },
  };
  return { seed, scores, error: null };
}
const lost = (seed: number, error: string | null): CellRun => ({ seed, scores: null, error });

/** Four methods under one family: the baseline, one better, one with two of three seeds, one with none. */
const result: StudyResult = {
  name: "small_study",
  families: ["rotation"],
  columns: [
    { id: "vwa", method: "vwa", regularizer: null, label: "VWA" },
    { id: "rwa-squaredL2", method: "rwa", regularizer: "squaredL2", label: "RWA S" },
    { id: "rwa-kl", method: "rwa", regularizer: "kl", label: "RWA K" },
    { id: "rwa-wasserstein", method: "rwa", regularizer: "wasserstein", label: "RWA W" },
  ],
  baseline: "vwa",
  seeds: [0, 1, 2],
  cells: [
    {
      family: "rotation",
      column: "vwa",
      lambda: null,
      runs: [run(0, 0.98, 0.9, 0.3), run(1, 0.97, 0.91, 0.31), run(2, 0.99, 0.92, 0.29)],
    },
    {
      family: "rotation",
      column: "rwa-squaredL2",
      lambda: 0.1,
      // Clean: the mean differs from the baseline's in a digit that is not printed. Invariance: +0.2 ± 0.0001.
      runs: [run(0, 0.98, 0.91, 0.5), run(1, 0.97, 0.93, 0.5101), run(2, 0.99004, 0.98, 0.4899)],
    },
    {
      family: "rotation",
      column: "rwa-kl",
      lambda: 1,
      runs: [run(0, 0.96, 0.9, 0.3), lost(1, "out of memory"), run(2, 0.96, 0.91, 0.31)],
    },
    {
      family: "rotation",
      column: "rwa-wasserstein",
      lambda: null,
      runs: [lost(0, "loss is NaN | 100 % of_it\nstack"), lost(1, null), lost(2, null)],
    },
  ],
};
const summary = summarize(result);

describe("a study's tables", () => {
  test("text", () => {
    expect(`\n${renderStudyText(summary)}`).toMatchInlineSnapshot(`
      "
      small_study: rotation
      ┌───────────┬──────────────────────┬──────────────────────┬───────────────────────────┐
      │ method    │              clean % │             robust % │              invariance % │
      ├───────────┼──────────────────────┼──────────────────────┼───────────────────────────┤
      │ VWA       │       * 98.00 ± 1.00 │         91.00 ± 1.00 │              30.00 ± 1.00 │
      │           │             baseline │             baseline │                  baseline │
      │ RWA S     │       * 98.00 ± 1.00 │       * 94.00 ± 3.61 │            * 50.00 ± 1.01 │
      │ λ 0.1     │   0.00 [0.00, +0.01] │ +3.00 [−3.57, +9.57] │ +20.00 [+19.98, +20.02] † │
      │ RWA K [1] │         96.00 ± 0.00 │         90.50 ± 0.71 │              30.50 ± 0.71 │
      │ λ 1       │ −2.50 [−8.85, +3.85] │ −0.50 [−6.85, +5.85] │    +1.00 [−11.71, +13.71] │
      │ RWA W [2] │                    – │                    – │                         – │
      │ λ –       │                    – │                    – │                         – │
      └───────────┴──────────────────────┴──────────────────────┴───────────────────────────┘
      [1] 2 of 3 seeds: seed 1 failed (out of memory).
      [2] 0 of 3 seeds: seed 0 failed (loss is NaN | 100 % of_it); seeds 1, 2 not run; no λ chosen.

      - Scores in percent, on the test set: mean ± sample standard deviation over seeds 0, 1, 2. The
        greatest mean is marked by *, with all that print the same digits; it need not differ reliably
        from the next.
      - Below a score: its difference to VWA at the same seed, averaged over the seeds that both have,
        in percentage points, with its 95 % Student-t interval.
      - Each of the 6 intervals stands for its own comparison. Were there no differences at all, about
        0.3 would be expected to exclude zero by chance (here: 1). † marks those that remain at 5 %
        after Holm's correction over all 6 (here: 1).
      - An interval over 3 seeds has 2 degrees of freedom and takes the differences as normally
        distributed, which so few cannot show. One that holds zero says that little is known, not that
        two methods are equal.
      - Seeds repeat the training only. The images, their split and λ are the same throughout, and no
        interval covers their choice.
      "
    `);
  });

  test("Markdown", () => {
    expect(`\n${renderStudyMarkdown(summary)}`).toMatchInlineSnapshot(`
      "
      # small\\_study

      ## rotation

      | method                   |                                clean % |                                 robust % |                                  invariance % |
      | :----------------------- | -------------------------------------: | ---------------------------------------: | --------------------------------------------: |
      | VWA                      |           **98.00 ± 1.00**<br>baseline |                 91.00 ± 1.00<br>baseline |                      30.00 ± 1.00<br>baseline |
      | RWA S<br>λ 0.1           | **98.00 ± 1.00**<br>0.00 [0.00, +0.01] | **94.00 ± 3.61**<br>+3.00 [−3.57, +9.57] | **50.00 ± 1.01**<br>+20.00 [+19.98, +20.02] † |
      | RWA K<sup>1</sup><br>λ 1 |   96.00 ± 0.00<br>−2.50 [−8.85, +3.85] |     90.50 ± 0.71<br>−0.50 [−6.85, +5.85] |        30.50 ± 0.71<br>+1.00 [−11.71, +13.71] |
      | RWA W<sup>2</sup><br>λ – |                                 –<br>– |                                   –<br>– |                                        –<br>– |

      <sup>1</sup> 2 of 3 seeds: seed 1 failed (out of memory).<br>
      <sup>2</sup> 0 of 3 seeds: seed 0 failed (loss is NaN \\| 100 % of\\_it); seeds 1, 2 not run; no λ chosen.

      ## Reading the tables

      - Scores in percent, on the test set: mean ± sample standard deviation over seeds 0, 1, 2. The greatest mean is marked in bold, with all that print the same digits; it need not differ reliably from the next.
      - Below a score: its difference to VWA at the same seed, averaged over the seeds that both have, in percentage points, with its 95 % Student-t interval.
      - Each of the 6 intervals stands for its own comparison. Were there no differences at all, about 0.3 would be expected to exclude zero by chance (here: 1). † marks those that remain at 5 % after Holm's correction over all 6 (here: 1).
      - An interval over 3 seeds has 2 degrees of freedom and takes the differences as normally distributed, which so few cannot show. One that holds zero says that little is known, not that two methods are equal.
      - Seeds repeat the training only. The images, their split and λ are the same throughout, and no interval covers their choice.
      "
    `);
  });

  test("LaTeX", () => {
    expect(`\n${renderStudyLatex(summary)}`).toMatchInlineSnapshot(`
      "
      % In the preamble: \\usepackage{booktabs}

      \\begin{table}
        \\centering\\small
        \\caption{small\\_study: rotation}
        \\begin{tabular}{lrrr}
          \\toprule
          method & clean \\% & robust \\% & invariance \\% \\\\
          \\midrule
          VWA & \\textbf{98.00 $\\pm$ 1.00} & 91.00 $\\pm$ 1.00 & 30.00 $\\pm$ 1.00 \\\\
           & {\\scriptsize baseline} & {\\scriptsize baseline} & {\\scriptsize baseline} \\\\
          \\addlinespace
          RWA S & \\textbf{98.00 $\\pm$ 1.00} & \\textbf{94.00 $\\pm$ 3.61} & \\textbf{50.00 $\\pm$ 1.01} \\\\
          {\\scriptsize $\\lambda$ 0.1} & {\\scriptsize 0.00 {[}0.00, +0.01{]}} & {\\scriptsize +3.00 {[}$-$3.57, +9.57{]}} & {\\scriptsize +20.00 {[}+19.98, +20.02{]} \\textdagger{}} \\\\
          \\addlinespace
          RWA K\\textsuperscript{1} & 96.00 $\\pm$ 0.00 & 90.50 $\\pm$ 0.71 & 30.50 $\\pm$ 0.71 \\\\
          {\\scriptsize $\\lambda$ 1} & {\\scriptsize $-$2.50 {[}$-$8.85, +3.85{]}} & {\\scriptsize $-$0.50 {[}$-$6.85, +5.85{]}} & {\\scriptsize +1.00 {[}$-$11.71, +13.71{]}} \\\\
          \\addlinespace
          RWA W\\textsuperscript{2} & -- & -- & -- \\\\
          {\\scriptsize $\\lambda$ --} & {\\scriptsize --} & {\\scriptsize --} & {\\scriptsize --} \\\\
          \\bottomrule
        \\end{tabular}
        \\par\\footnotesize\\textsuperscript{1}~2 of 3 seeds: seed 1 failed (out of memory).
        \\par\\footnotesize\\textsuperscript{2}~0 of 3 seeds: seed 0 failed (loss is NaN \\textbar{} 100 \\% of\\_it); seeds 1, 2 not run; no $\\lambda$ chosen.
      \\end{table}

      {\\footnotesize\\noindent
      Scores in percent, on the test set: mean $\\pm$ sample standard deviation over seeds 0, 1, 2. The greatest mean is marked in bold, with all that print the same digits; it need not differ reliably from the next.
      Below a score: its difference to VWA at the same seed, averaged over the seeds that both have, in percentage points, with its 95 \\% Student-t interval.
      Each of the 6 intervals stands for its own comparison. Were there no differences at all, about 0.3 would be expected to exclude zero by chance (here: 1). \\textdagger{} marks those that remain at 5 \\% after Holm's correction over all 6 (here: 1).
      An interval over 3 seeds has 2 degrees of freedom and takes the differences as normally distributed, which so few cannot show. One that holds zero says that little is known, not that two methods are equal.
      Seeds repeat the training only. The images, their split and $\\lambda$ are the same throughout, and no interval covers their choice.\\par}

      "
    `);
  });

  test("CSV: a row per column and score, numbers as they are", () => {
    const [header, ...lines] = renderStudyCsv(summary).trimEnd().split("\n");
    expect(lines).toHaveLength(4 * 3);
    const names = header.split(",");
    // Only the last column is ever quoted.
    const rows = lines.map((line) => {
      const values = line.split(",");
      return Object.fromEntries(names.map((name, i) => [name, values[i]]));
    });
    const { robustAccuracy } = summary.families[0].columns[1].scores!;
    expect(rows[4]).toEqual({
      study: "small_study",
      family: "rotation",
      column: "rwa-squaredL2",
      label: "RWA S",
      method: "rwa",
      regularizer: "squaredL2",
      lambda: "0.1",
      score: "robustAccuracy",
      mean: String(robustAccuracy.mean),
      standardDeviation: String(robustAccuracy.standardDeviation),
      seeds: "3",
      seedsPlanned: "3",
      best: "true",
      baseline: "vwa",
      difference: String(robustAccuracy.difference!.mean),
      differenceStandardDeviation: String(robustAccuracy.difference!.standardDeviation),
      differenceLow: String(robustAccuracy.difference!.interval!.low),
      differenceHigh: String(robustAccuracy.difference!.interval!.high),
      differenceSeeds: "3",
      pValue: String(robustAccuracy.difference!.pValue),
      holmPValue: String(robustAccuracy.difference!.holmPValue),
      missing: "NA",
    });
    expect(Number(rows[4].mean)).toBeCloseTo(0.94, 12);
    expect(rows[7]).toMatchObject({ seeds: "2", missing: "2 of 3 seeds: seed 1 failed (out of memory)" });
    expect(lines[10]).toContain(
      ',robustAccuracy,NA,NA,0,3,NA,vwa,NA,NA,NA,NA,NA,NA,NA,"0 of 3 seeds: seed 0 failed',
    );
    expect(renderStudyCsv(summary)).not.toMatch(/,,|,\n/);
  });

  test.each([renderStudyText, renderStudyMarkdown, renderStudyCsv, renderStudyLatex])(
    "$name says why each missing score is missing",
    (render) => {
      const text = render(summary).replaceAll(/\s+/g, " ");
      expect(text).toContain("2 of 3 seeds: seed 1 failed (out of memory)");
      expect(text).toContain("0 of 3 seeds: seed 0 failed (loss is NaN");
      expect(text).toContain("seeds 1, 2 not run");
      expect(text).not.toContain("NaN ±");
    },
  );

  test("every line of a text table fits 100 columns, also with the widest numbers", () => {
    const runs = [
      [run(0, 1, 1, 1), run(1, 1, 0, 0), run(2, 0, 0, 1)],
      [run(0, 0, 0, 0), run(1, 0, 0.1, 1), run(2, 0.1, 1, 0)],
    ];
    const cells = result.cells.map((cell, i) => ({ ...cell, runs: runs[i] ?? cell.runs }));
    const lines = renderStudyText(summarize({ ...result, cells })).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

describe("the reading notes", () => {
  test("with one seed claim no interval and no spread", () => {
    const notes = readingNotes(summarize({ ...result, seeds: [0], cells: oneSeed() }), "by *").join(" ");
    expect(notes).toContain("of one run (seed 0)");
    expect(notes).toContain("No difference has an interval");
    expect(notes).not.toMatch(/Student|Holm|standard deviation/);
  });

  const oneSeed = () => result.cells.map((cell) => ({ ...cell, runs: cell.runs.slice(0, 1) }));
});

test("LaTeX: special characters stand for themselves, others become their code point", () => {
  expect(latexText("50% of {a_b} & $x^2~ #1 \\n <é> |✗|")).toBe(
    "50\\% of \\{a\\_b\\} \\& \\$x\\textasciicircum{}2\\textasciitilde{} \\#1 \\textbackslash{}n " +
      "\\textless{}é\\textgreater{} \\textbar{}U+2717\\textbar{}",
  );
});
