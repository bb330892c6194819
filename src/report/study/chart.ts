import { visible } from "../../text/index.ts";
import { seriesColor } from "../accuracy-chart.ts";
import { loadPlot } from "../plot.ts";
import { placeLabels } from "./place-labels.ts";
import type { FamilySummary, ScoreSummary } from "./record.ts";

const size = { width: 720, height: 480 };
const frame = { left: 56, top: 36, right: size.width - 24, bottom: size.height - 44 };
const fontSize = 11;

/** An error below this many percent is drawn as this: a logarithm has no place for zero. */
const leastError = 0.05;

/**
 * Robust accuracy against invariance score under one family: a dot per column with a standard deviation to each
 * side, as the text of a static SVG without script. Up and to the right is better. Columns without scores are named
 * under the axis.
 *
 * The accuracy axis is logarithmic in the error (100 % − accuracy), so that methods near the top stay apart although
 * one without augmentation is far below them.
 *
 * @returns null when no column has scores
 */
export async function renderStudyChart(summary: FamilySummary): Promise<string | null> {
  const family = visible(summary.family);
  const columns = summary.columns.map((column) => ({
    ...column,
    label: visible(column.label),
    method: visible(column.method),
  }));
  const points = columns.flatMap(({ label, method, scores }) => {
    if (scores === null) return [];
    const { robustAccuracy, invarianceScore } = scores;
    return [
      { label, method, ...across(invarianceScore), ...up(robustAccuracy), title: titleOf(label, scores) },
    ];
  });
  if (points.length === 0) return null;
  const missing = columns.filter(({ scores }) => scores === null).map(({ label }) => label);
  const methods = [...new Set(points.map(({ method }) => method))];

  const x = padded(points.flatMap(({ left, right }) => [left, right]));
  const y = padded(points.flatMap(({ low, high }) => [low, high]));
  const xPixel = (score: number) => between(frame.left, frame.right, score, x);
  const yPixel = (logError: number) => between(frame.top, frame.bottom, logError, y);
  const labels = placeLabels(
    points.map(({ label, score, left, right, logError, low, high }) => ({
      label,
      x: xPixel(score),
      y: yPixel(logError),
      bars: { left: xPixel(left), right: xPixel(right), top: yPixel(low), bottom: yPixel(high) },
    })),
    frame,
    fontSize,
  );

  const { Plot, document } = await loadPlot();
  const svg = Plot.plot({
    document,
    ...size,
    marginTop: frame.top,
    marginRight: size.width - frame.right,
    marginBottom: size.height - frame.bottom,
    marginLeft: frame.left,
    // A picture of its own, whatever page shows it.
    style: { fontSize: `${fontSize}px`, background: "white", color: "black" },
    ariaLabel: `Robust accuracy against invariance score: ${family}`,
    ariaDescription: points.map(({ title }) => title).join("; "),
    x: {
      domain: x,
      grid: true,
      label: "invariance score (%)" + (missing.length > 0 ? `; without scores: ${missing.join(", ")}` : ""),
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: {
      domain: y,
      // The smallest error is on top.
      reverse: true,
      grid: true,
      ticks: accuracyTicks(yPixel).map(logErrorOf),
      tickFormat: (logError: number) => String(Number((100 - Math.exp(logError)).toFixed(2))),
      label: `${family}: robust accuracy (%), logarithmic in the error`,
      labelArrow: "none",
    },
    color: { type: "ordinal", domain: methods, range: methods.map((_, n) => seriesColor(n)) },
    symbol: { domain: methods },
    marks: [
      Plot.ruleX(points, { x: "score", y1: "low", y2: "high", stroke: "method", strokeOpacity: 0.5 }),
      Plot.ruleY(points, { x1: "left", x2: "right", y: "logError", stroke: "method", strokeOpacity: 0.5 }),
      Plot.dot(points, {
        x: "score",
        y: "logError",
        fill: "method",
        stroke: "method",
        symbol: "method",
        r: 3.5,
        title: "title",
      }),
      ...points.map((point, i) =>
        Plot.text([point], {
          x: "score",
          y: "logError",
          text: "label",
          fill: "method",
          fontWeight: 600,
          ...labels[i],
        }),
      ),
    ],
  }) as SvgElement;
  svg.setAttribute("role", "img");
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return svg.outerHTML;
}

/** As much as is needed here of the DOM, for which this project, made for Node, has no types. */
interface SvgElement {
  setAttribute(name: string, value: string): void;
  readonly outerHTML: string;
}

/** The score in percent, and a standard deviation to its left and right. */
function across({ mean, standardDeviation }: ScoreSummary) {
  const spread = standardDeviation ?? 0;
  return { score: 100 * mean, left: 100 * (mean - spread), right: 100 * (mean + spread) };
}

/** The logarithm of the error, and that with an accuracy a standard deviation higher (low) and lower (high). */
function up({ mean, standardDeviation }: ScoreSummary) {
  const spread = standardDeviation ?? 0;
  const [logError, low, high] = [mean, mean + spread, mean - spread].map((a) => logErrorOf(100 * a));
  return { logError, low, high };
}

const logErrorOf = (accuracyPercent: number): number => Math.log(Math.max(leastError, 100 - accuracyPercent));

function titleOf(label: string, scores: Record<"robustAccuracy" | "invarianceScore", ScoreSummary>): string {
  const percent = ({ mean }: ScoreSummary) => `${(100 * mean).toFixed(2)} %`;
  return `${label}: robust ${percent(scores.robustAccuracy)}, invariance ${percent(scores.invarianceScore)}`;
}

/** The values' range and 6 % more at each end; of some width even for a single value. */
function padded(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = Math.max(0.06 * (high - low), 0.01);
  return [low - margin, high + margin];
}

const between = (from: number, to: number, value: number, [low, high]: [number, number]): number =>
  from + ((value - low) / (high - low)) * (to - from);

/** Round accuracies in percent, the roundest first, as many as stand 24 pixels apart on the axis. */
function accuracyTicks(yPixel: (logError: number) => number): number[] {
  const ticks: number[] = [];
  for (const step of [10, 5, 1, 0.5, 0.1]) {
    if (step < 1 && ticks.length >= 5) break;
    for (let n = 0; n * step < 100 - leastError; n++) {
      const pixel = yPixel(logErrorOf(n * step));
      const isInFrame = pixel >= frame.top && pixel <= frame.bottom;
      const isApart = ticks.every((other) => Math.abs(yPixel(logErrorOf(other)) - pixel) >= 24);
      if (isInFrame && isApart) ticks.push(n * step);
    }
  }
  return ticks;
}
