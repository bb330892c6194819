import { DOMParser } from "linkedom";
import { describe, expect, test } from "vitest";
import { renderStudyChart } from "./chart.ts";
import type { ColumnSummary, FamilySummary } from "./record.ts";

const score = (mean: number, standardDeviation: number | null = 0.01) => ({
  mean,
  standardDeviation,
  difference: null,
});

const column = (label: string, method: string, robust: number, invariance: number): ColumnSummary => ({
  column: label,
  label,
  method,
  regularizer: null,
  lambda: null,
  seeds: 3,
  missing: [],
  scores: {
    cleanAccuracy: score(0.99),
    robustAccuracy: score(robust),
    invarianceScore: score(invariance),
  },
});

const family: FamilySummary = {
  family: "rotation",
  columns: [
    column("Base", "base", 0.24, 0.2),
    column("VWA", "vwa", 0.9, 0.3),
    column("RWA S", "rwa", 0.96, 0.5),
    { ...column("RWA W", "rwa", 0, 0), scores: null },
  ],
};

interface Element {
  readonly textContent: string;
  getAttribute(name: string): string;
}

function parse(svg: string | null) {
  const root = new DOMParser().parseFromString(svg!, "image/svg+xml") as unknown as {
    querySelectorAll(selector: string): Iterable<Element>;
  };
  const all = (selector: string) => [...root.querySelectorAll(selector)];
  const dots = all("[aria-label=dot] path").map((path) => ({
    title: path.textContent,
    // translate(x,y)
    position: path
      .getAttribute("transform")
      .match(/[-\d.]+/g)!
      .map(Number),
  }));
  return { all, dots };
}

describe("a study's chart", () => {
  test("has a dot per column, further right for invariance and higher up for robust accuracy", async () => {
    const { dots, all } = parse(await renderStudyChart(family));
    expect(dots.map(({ title }) => title)).toEqual([
      "Base: robust 24.00 %, invariance 20.00 %",
      "VWA: robust 90.00 %, invariance 30.00 %",
      "RWA S: robust 96.00 %, invariance 50.00 %",
    ]);
    const [[baseX, baseY], [vwaX, vwaY], [rwaX, rwaY]] = dots.map(({ position }) => position);
    expect((rwaX - vwaX) / (vwaX - baseX)).toBeCloseTo(2, 6);
    // Logarithmic in the error: 76 to 10 against 10 to 4 percent.
    expect((baseY - vwaY) / (vwaY - rwaY)).toBeCloseTo(Math.log(76 / 10) / Math.log(10 / 4), 6);
    expect(rwaY).toBeLessThan(vwaY);
    const texts = all("text").map(({ textContent }) => textContent);
    expect(texts).toEqual(expect.arrayContaining(["Base", "VWA", "RWA S", "90", "95"]));
  });

  test("has a standard deviation to each side of a dot", async () => {
    const { dots, all } = parse(await renderStudyChart(family));
    const bars = all("[aria-label=rule] line").filter((line) => line.getAttribute("y1") !== null);
    expect(bars).toHaveLength(6);
    const across = bars.slice(3).map((line) => ["x1", "x2"].map((name) => Number(line.getAttribute(name))));
    const [[baseX], [vwaX]] = dots.map(({ position }) => position);
    // A standard deviation is a tenth of the way from 0.2 to 0.3.
    expect(across[0]).toBeAllClose([baseX - 0.1 * (vwaX - baseX), baseX + 0.1 * (vwaX - baseX)], {
      atol: 1e-6,
    });
  });

  test("names the columns that have no scores", async () => {
    expect(await renderStudyChart(family)).toContain("invariance score (%); without scores: RWA W");
    expect(await renderStudyChart({ ...family, columns: family.columns.slice(0, 3) })).not.toContain(
      "without",
    );
    expect(await renderStudyChart({ ...family, columns: family.columns.slice(3) })).toBeNull();
  });

  test("draws perfect accuracy and a single seed", async () => {
    const perfect = column("RWA S", "rwa", 1, 1);
    const columns = [{ ...perfect, scores: { ...perfect.scores!, robustAccuracy: score(1, null) } }];
    const svg = await renderStudyChart({ family: "one", columns });
    expect(parse(svg).dots).toHaveLength(1);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});
