/** Pictures of a benchmark record: static SVG without script. */
import * as Plot from "@observablehq/plot";
import { DOMParser } from "linkedom";
import { median } from "./statistics.ts";
import type { BenchRecord, Row } from "./record.ts";
import { short } from "./table.ts";

const OURS = "#3b6fd4";
const PEERS = "#9aa3ad";
const style = { fontSize: "11px", background: "white", color: "black", fontFamily: "sans-serif" };

/** Bars longer than this many times ours are cut off, or the rest could not be told apart. */
const LONGEST = 4;
const bars = { width: 840, left: 270, right: 150, top: 44, bottom: 12, row: 18 };

/** Every workload but those that grow: a bar per contender, its length the median relative to ours. */
export function renderBars({ rows }: BenchRecord): string {
  const shown = rows.filter((row) => row.growth === null);
  const lines = [...new Set(shown.map((row) => row.workload))].flatMap((workload) => [
    { key: workload, title: workload, row: null },
    ...shown
      .filter((row) => row.workload === workload)
      .map((row) => ({ key: `${workload}/${row.contender}`, title: row.contender, row })),
  ]);
  const contenders = lines.flatMap(({ key, row }) => {
    if (row === null) return [];
    const ratio = row.ratio ?? 1;
    return [{ key, row, ratio, length: Math.min(ratio, LONGEST), isOurs: row.ratio === null }];
  });
  const label = ({ row, ratio }: { row: Row; ratio: number }) => {
    const value = `${short(row.median)} ${row.unit}`;
    if (row.ratio === null) return value;
    return `${value}, × ${short(ratio)}${ratio > LONGEST ? " →" : ""}`;
  };
  return plot({
    width: bars.width,
    height: bars.top + bars.bottom + bars.row * lines.length,
    marginLeft: bars.left,
    marginRight: bars.right,
    marginTop: bars.top,
    marginBottom: bars.bottom,
    style,
    ariaLabel: "The benchmark: medians relative to alignreg's",
    ariaDescription: contenders.map((c) => `${c.row.workload}: ${c.row.contender} ${label(c)}`).join("; "),
    x: {
      domain: [0, LONGEST],
      axis: "top",
      grid: true,
      label: "times alignreg's median (shorter is better)",
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: { domain: lines.map(({ key }) => key), axis: null, padding: 0.15 },
    marks: [
      Plot.ruleX([1], { stroke: OURS, strokeOpacity: 0.5 }),
      Plot.barX(contenders, {
        x: "length",
        y: "key",
        fill: ({ isOurs }: (typeof contenders)[number]) => (isOurs ? OURS : PEERS),
      }),
      Plot.text(contenders, { x: "length", y: "key", text: label, textAnchor: "start", dx: 4 }),
      Plot.text(contenders, {
        x: 0,
        y: "key",
        text: ({ row }: { row: Row }) => row.contender,
        textAnchor: "end",
        dx: -6,
      }),
      Plot.text(
        lines.filter(({ row }) => row === null),
        {
          x: 0,
          y: "key",
          text: "title",
          textAnchor: "start",
          dx: 12 - bars.left,
          fontWeight: 700,
          lineAnchor: "middle",
        },
      ),
    ],
  });
}

const panel = { width: 280, height: 260, left: 48, right: 12, top: 40, bottom: 40 };
const dashes: Readonly<Record<number, string>> = { 0: "none", 1: "none", 2: "4 3" };

/** A panel per series of growing workloads, both axes logarithmic; null when the record has none. */
export function renderGrowth({ rows }: BenchRecord): string | null {
  const points = rows.flatMap(({ growth, contender, median: ms }) =>
    growth === null ? [] : [{ ...growth, contender, ms }],
  );
  const series = [...new Set(points.map((point) => point.series))];
  if (series.length === 0) return null;
  const panels = series.map((name) => growthPanel(points.filter((point) => point.series === name)));
  const placed = panels.map((svg, i) => svg.replace("<svg ", `<svg x="${i * panel.width}" `));
  const width = series.length * panel.width;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="How a step's time grows" width="${width}" ` +
    `height="${panel.height}" viewBox="0 0 ${width} ${panel.height}">${placed.join("")}</svg>`
  );
}

interface Point {
  readonly series: string;
  readonly of: string;
  readonly value: number;
  readonly contender: string;
  readonly ms: number;
}

function growthPanel(points: readonly Point[]): string {
  const [{ series, of }] = points;
  const contenders = [...new Set(points.map(({ contender }) => contender))];
  const values = [...new Set(points.map(({ value }) => value))];
  const lines = contenders.map((contender) => points.filter((point) => point.contender === contender));
  const colour = (n: number) => (n === 0 ? OURS : "#6b7480");
  // Names stand in the empty corner under the lines, in the order of the lines there.
  const order = [...lines].sort((a, b) => median(b.map(({ ms }) => ms)) - median(a.map(({ ms }) => ms)));
  return plot({
    width: panel.width,
    height: panel.height,
    marginLeft: panel.left,
    marginRight: panel.right,
    marginTop: panel.top,
    marginBottom: panel.bottom,
    style,
    ariaLabel: series,
    ariaDescription: points.map((p) => `${p.contender}, ${of} ${p.value}: ${short(p.ms)} ms`).join("; "),
    x: {
      type: "log",
      base: 2,
      ticks: values,
      tickFormat: String,
      label: of,
      labelAnchor: "center",
      labelArrow: "none",
      inset: 8,
    },
    y: {
      type: "log",
      ticks: 4,
      tickFormat: (ms: number) => short(ms).replace(/\.0+$/, ""),
      grid: true,
      label: "ms",
      labelArrow: "none",
      inset: 8,
    },
    marks: [
      ...lines.flatMap((line, n) => [
        Plot.lineY(line, {
          x: "value",
          y: "ms",
          stroke: colour(n),
          strokeWidth: 1.5,
          strokeDasharray: dashes[n],
        }),
        Plot.dot(line, { x: "value", y: "ms", fill: colour(n), r: 3 }),
      ]),
      Plot.text([series], { frameAnchor: "top", dy: -30, fontWeight: 700 }),
      ...order.map((line, i) =>
        Plot.text([`${dashes[lines.indexOf(line)] === "none" ? "—" : "- -"} ${line[0].contender}`], {
          frameAnchor: "bottom-right",
          dy: -6 - 14 * (order.length - 1 - i),
          dx: -4,
          fill: colour(lines.indexOf(line)),
        }),
      ),
    ],
  });
}

/** As much as is needed here of the DOM, for which this project, made for Node, has no types. */
interface SvgElement {
  setAttribute(name: string, value: string): void;
  readonly outerHTML: string;
}

function plot(options: Plot.PlotOptions): string {
  // An XML document: linkedom escapes & and < in attributes there, and not in HTML documents.
  const document = new DOMParser().parseFromString("<svg/>", "image/svg+xml") as never;
  const svg = Plot.plot({ ...options, document }) as SvgElement;
  svg.setAttribute("role", "img");
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return svg.outerHTML;
}
